import { render } from "preact";
import { expect, it } from "vitest";
import { blocksOf, Markdown } from "../../src/ui/markdown";

function shown(source: string): HTMLElement {
  const root = document.createElement("div");
  render(<Markdown source={source} />, root);
  return root;
}

it("knows headings, lists, paragraphs and emphasis", () => {
  const root = shown("# One\nfirst **bold**\nsame *soft* `code`\n\n- a\n- b\n  more\n\n2. c\n");
  expect(root.innerHTML).toBe(
    '<p class="ja-h ja-h--1" role="heading" aria-level="2">One</p>' +
      "<p>first <strong>bold</strong> same <em>soft</em> <code>code</code></p>" +
      "<ul><li>a</li><li>b more</li></ul><ol><li>c</li></ol>",
  );
});

it("keeps lists of two kinds and paragraphs apart", () => {
  expect(blocksOf("- a\n1. b\ntext\n\ntext\r\n## H\nx").map(({ kind }) => kind)).toEqual([
    "list",
    "list",
    "paragraph",
    "heading",
    "paragraph",
  ]);
});

it("shows markup, links and images as the text they are", () => {
  const source = "<b>x</b> [a](javascript:alert(1)) ![i](x.png) **<i>y</i>**";
  const root = shown(source);
  expect(root.querySelector("b, a, img, i")).toBeNull();
  expect(root.textContent).toBe("<b>x</b> [a](javascript:alert(1)) ![i](x.png) <i>y</i>");
});
