/** A text with marks for headings, lists, tables, code and emphasis. */

import { Markdown } from "../ui/markdown";
import type { FieldModule, FieldProps } from "./module";

/** More characters than this scroll in a box of their own. */
const LONG = 1500;

function MarkdownView({ value, name, title }: FieldProps) {
  const source = typeof value === "string" ? value : "";
  const long = source.length > LONG;
  return (
    <div
      class={`ja-prose ja-markdown${long ? " ja-scrolls" : ""}`}
      dir="auto"
      {...(long ? { tabIndex: 0, role: "region", "aria-label": title ?? name } : {})}
    >
      <Markdown source={source} />
    </div>
  );
}

export const markdown: FieldModule = { kind: "markdown", View: MarkdownView };
