/** Guidelines as text: headings, lists, paragraphs, bold, italic and code. Only text nodes; no links, no HTML. */

import type { ComponentChildren, VNode } from "preact";

type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "list"; readonly ordered: boolean; readonly entries: string[] }
  | { readonly kind: "paragraph"; readonly lines: string[] };

const HEADING = /^(#{1,6})\s+(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/;
const INLINE = /\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|`([^`]+)`/g;

/** A block that begins with this line; null if the line goes on with the one before. */
function begun(line: string, last: Block | null): Block | null {
  const [, marks, title] = HEADING.exec(line) ?? [];
  if (marks !== undefined) return { kind: "heading", level: marks.length, text: title ?? "" };
  const ordered = NUMBER.test(line);
  const entry = (ordered ? NUMBER : BULLET).exec(line)?.[1];
  if (entry === undefined) return last ? null : { kind: "paragraph", lines: [line] };
  return last?.kind === "list" && last.ordered === ordered ? null : { kind: "list", ordered, entries: [entry] };
}

function continued(line: string, last: Block): void {
  if (last.kind === "paragraph") last.lines.push(line);
  if (last.kind !== "list") return;
  const entry = (NUMBER.exec(line) ?? BULLET.exec(line))?.[1];
  if (entry === undefined) last.entries.push(`${last.entries.pop()} ${line.trim()}`);
  else last.entries.push(entry);
}

export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  let last: Block | null = null;
  for (const line of source.split(/\r\n|\r|\n/)) {
    const blank = line.trim() === "";
    const block: Block | null = blank ? null : begun(line, last);
    if (block) blocks.push(block);
    else if (last && !blank) continued(line, last);
    last = blank || block?.kind === "heading" ? null : (block ?? last);
  }
  return blocks;
}

function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, strong, strongToo, emphasis, code] = match;
    parts.push(text.slice(from, match.index));
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (emphasis !== undefined) parts.push(<em>{emphasis}</em>);
    else parts.push(<strong>{strong ?? strongToo}</strong>);
    from = match.index + all.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function shown(block: Block): VNode {
  if (block.kind === "heading") {
    return (
      <p class={`ja-h ja-h--${Math.min(block.level, 3)}`} role="heading" aria-level={Math.min(block.level + 1, 6)}>
        {inline(block.text)}
      </p>
    );
  }
  if (block.kind === "paragraph") return <p>{inline(block.lines.join(" "))}</p>;
  const entries = block.entries.map((entry) => <li>{inline(entry)}</li>);
  return block.ordered ? <ol>{entries}</ol> : <ul>{entries}</ul>;
}

export function Markdown({ source }: { source: string }) {
  return <>{blocksOf(source).map(shown)}</>;
}
