/**
 * Text with headings, lists, paragraphs, quotes, tables, code, bold and italic. Only text nodes: links and HTML are shown as the
 * text they are.
 */

import type { ComponentChildren, VNode } from "preact";

type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "list"; readonly ordered: boolean; readonly entries: string[] }
  | { readonly kind: "paragraph"; readonly lines: string[] }
  | { readonly kind: "quote"; readonly lines: string[] }
  | { readonly kind: "code"; readonly lines: string[] }
  | { readonly kind: "table"; readonly rows: string[][] }
  | { readonly kind: "rule" };

const HEADING = /^(#{1,6})\s+(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;
const FENCE = /^\s{0,3}(```+|~~~+)/;
const RULE = /^\s{0,3}(?:-\s*){3,}$|^\s{0,3}(?:\*\s*){3,}$|^\s{0,3}(?:_\s*){3,}$/;
const ROW = /^\s*\|(.*)\|\s*$/;
const DASHES = /^\s*\|(?:\s*:?-{2,}:?\s*\|)+\s*$/;
const INLINE = /\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|`([^`]+)`/g;

const cellsOf = (line: string): string[] => (ROW.exec(line)?.[1] ?? "").split("|").map((cell) => cell.trim());

/** What a line by itself is. */
function read(line: string): Block {
  const [, marks, title] = HEADING.exec(line) ?? [];
  if (marks !== undefined) return { kind: "heading", level: marks.length, text: title ?? "" };
  if (RULE.test(line)) return { kind: "rule" };
  const quoted = QUOTE.exec(line)?.[1];
  if (quoted !== undefined) return { kind: "quote", lines: [quoted] };
  if (ROW.test(line)) return { kind: "table", rows: [cellsOf(line)] };
  const ordered = NUMBER.test(line);
  const entry = (ordered ? NUMBER : BULLET).exec(line)?.[1];
  return entry === undefined ? { kind: "paragraph", lines: [line] } : { kind: "list", ordered, entries: [entry] };
}

/** Whether a line goes on with the block before it, which it then is part of. */
function joins(line: string, block: Block, last: Block | null): boolean {
  if (!last) return false;
  if (block.kind === "paragraph") return continued(line, last);
  if (block.kind === "list" && last.kind === "list" && last.ordered === block.ordered) {
    last.entries.push(...block.entries);
    return true;
  }
  if (block.kind === "quote" && last.kind === "quote") {
    last.lines.push(...block.lines);
    return true;
  }
  if (block.kind !== "table" || last.kind !== "table") return false;
  if (!DASHES.test(line)) last.rows.push(...block.rows);
  return true;
}

/** A line of plain text goes on with a paragraph, a quote, or the last entry of a list. */
function continued(line: string, last: Block): boolean {
  if (last.kind === "paragraph" || last.kind === "quote") last.lines.push(line.trim());
  else if (last.kind === "list") last.entries.push(`${last.entries.pop()} ${line.trim()}`);
  else return false;
  return true;
}

export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  let last: Block | null = null;
  let fence: string | null = null;
  for (const line of source.split(/\r\n|\r|\n/)) {
    const mark = FENCE.exec(line)?.[1] ?? null;
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null;
      else (blocks.at(-1) as Extract<Block, { kind: "code" }>).lines.push(line);
      continue;
    }
    if (mark !== null) {
      fence = mark;
      last = null;
      blocks.push({ kind: "code", lines: [] });
      continue;
    }
    last = line.trim() === "" ? null : next(line, last, blocks);
  }
  return blocks;
}

/** The block a line belongs to, which is a new one unless it joins the last; null after one of a single line. */
function next(line: string, last: Block | null, blocks: Block[]): Block | null {
  const block = read(line);
  if (joins(line, block, last)) return last;
  blocks.push(block);
  return block.kind === "heading" || block.kind === "rule" ? null : block;
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
  switch (block.kind) {
    case "heading":
      return (
        <p class={`ja-h ja-h--${Math.min(block.level, 3)}`} role="heading" aria-level={Math.min(block.level + 1, 6)}>
          {inline(block.text)}
        </p>
      );
    case "paragraph":
      return <p>{inline(block.lines.join(" "))}</p>;
    case "quote":
      return <blockquote>{inline(block.lines.join(" "))}</blockquote>;
    case "code":
      return <pre tabIndex={0}>{block.lines.join("\n")}</pre>;
    case "table":
      return <Rows rows={block.rows} />;
    case "rule":
      return <hr />;
    case "list": {
      const entries = block.entries.map((entry) => <li>{inline(entry)}</li>);
      return block.ordered ? <ol>{entries}</ol> : <ul>{entries}</ul>;
    }
  }
}

/** The first row is the head. */
function Rows({ rows }: { rows: readonly string[][] }) {
  const [head, ...body] = rows;
  return (
    <table>
      <thead>
        <tr>
          {head?.map((cell) => (
            <th scope="col">{inline(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map((row) => (
          <tr>
            {row.map((cell) => (
              <td>{inline(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Markdown({ source }: { source: string }) {
  return <>{blocksOf(source).map(shown)}</>;
}
