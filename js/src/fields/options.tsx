/** Labels of each item: what a question offers, and nothing that is shown by itself. */

import type { FieldModule } from "./module";

export const options: FieldModule = {
  kind: "options",
  View: () => null,
  hidden: true,
};
