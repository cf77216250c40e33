/** The field types this front end knows. A new one is a module and a line here. */

import { audio } from "./audio";
import { chat } from "./chat";
import { diff } from "./diff";
import { image } from "./image";
import { markdown } from "./markdown";
import type { FieldModule } from "./module";
import { options } from "./options";
import { rendered } from "./rendered";
import { table } from "./table";
import { text } from "./text";
import { video } from "./video";

export const FIELDS: Readonly<Record<string, FieldModule>> = {
  audio,
  chat,
  diff,
  image,
  markdown,
  options,
  rendered,
  table,
  text,
  video,
};
