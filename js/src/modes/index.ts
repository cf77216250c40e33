/** Ways of working beside one item at a time. A new one is a module and a line here. */

import { bulk } from "./bulk";
import type { Mode } from "./module";

export const MODES: Readonly<Record<string, Mode | undefined>> = {
  bulk,
};
