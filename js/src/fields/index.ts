/** The field types this front end knows. A new one is a module and a line here. */

import { image } from "./image";
import type { FieldModule } from "./module";
import { options } from "./options";
import { text } from "./text";

export const FIELDS: Readonly<Record<string, FieldModule>> = {
  image,
  options,
  text,
};
