import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markdown } from "../../src/fields/markdown";
import { rendered, texts } from "./rendered";

const ALLOWED = /^(?:DIV|P|STRONG|EM|CODE|PRE|UL|OL|LI|BLOCKQUOTE|TABLE|THEAD|TBODY|TR|TH|TD|HR)$/;
const SCRIPT = "globalThis.hit=1";
const HANDLERS = ["onerror", "onload", "onclick", "onfocus", "onmouseover", "ontoggle", "onbegin", "onanimationstart"];
const TAGS = [
  "img",
  "svg",
  "iframe",
  "object",
  "embed",
  "video",
  "audio",
  "details",
  "input",
  "body",
  "math",
  "a",
  "x",
];
const PAYLOADS = [
  ...TAGS.flatMap((tag) => HANDLERS.map((handler) => `<${tag} src=x ${handler}="${SCRIPT}" autofocus open>`)),
  `<script>${SCRIPT}</script>`,
  `<SCRIPT SRC=//example.test/x.js></SCRIPT>`,
  `<style>@import url(javascript:${SCRIPT})</style>`,
  `<svg><script>${SCRIPT}</script></svg>`,
  `[a](javascript:${SCRIPT})`,
  `[a](JaVaScRiPt:${SCRIPT} "t")`,
  `[a](data:text/html,<script>${SCRIPT}</script>)`,
  `![a](x" onerror="${SCRIPT})`,
  `<javascript:${SCRIPT}>`,
  `&lt;img src=x onerror=${SCRIPT}&gt;`,
  `\`\`\`<img src=x onerror=${SCRIPT}>`,
  `| <img src=x onerror=${SCRIPT}> | b |\n|---|---|\n| c | <b>d</b> |`,
  `> <img src=x onerror=${SCRIPT}>`,
  `# <img src=x onerror=${SCRIPT}>`,
  `- <img src=x onerror=${SCRIPT}>`,
  `**<img src=x onerror=${SCRIPT}>**`,
  `<!--><img src=x onerror=${SCRIPT}>-->`,
  `<noscript><p title="</noscript><img src=x onerror=${SCRIPT}>">`,
];

describe("markdown", () => {
  it("has code, quotes, tables and rules beside headings, lists and emphasis", () => {
    const root = rendered(
      markdown,
      "# T\n\n> said\n> so\n\n```js\n# no *mark*\n\n  x\n```\n| a | b |\n|:--|--:|\n| 1 | **2** |\n\n---\nend",
    );
    expect(texts(root, "blockquote")).toEqual(["said so"]);
    expect(texts(root, "pre")).toEqual(["# no *mark*\n\n  x"]);
    expect(texts(root, "th, td")).toEqual(["a", "b", "1", "2"]);
    expect([root.querySelectorAll("hr").length, root.querySelectorAll("td strong").length]).toEqual([1, 1]);
    expect(texts(root, "p")).toEqual(["T", "end"]);
  });

  it("keeps an open fence to the end, and a table without its dashes", () => {
    const root = rendered(markdown, "~~~\n**a**\n# b");
    expect(texts(root, "pre")).toEqual(["**a**\n# b"]);
    expect(texts(rendered(markdown, "| a |\n| b |"), "th, td")).toEqual(["a", "b"]);
  });

  it("lets a long text scroll by keyboard, under its name", () => {
    const long = rendered(markdown, "word ".repeat(500), "Answer").firstElementChild as HTMLElement;
    expect([long.tabIndex, long.getAttribute("role"), long.getAttribute("aria-label")]).toEqual([
      0,
      "region",
      "Answer",
    ]);
    expect(rendered(markdown, "short").querySelector("[tabindex]")).toBeNull();
  });

  it("makes nothing but its own elements out of whatever a text holds, and runs nothing", () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(120);
    for (const payload of PAYLOADS) {
      const root = rendered(markdown, payload);
      document.body.append(root);
      const odd = [...root.querySelectorAll("*")].filter(({ tagName }) => !ALLOWED.test(tagName));
      expect([payload, odd.map(({ tagName }) => tagName)]).toEqual([payload, []]);
      for (const element of root.querySelectorAll("*"))
        expect(
          element
            .getAttributeNames()
            .every((name) => /^(?:class|dir|role|aria-level|aria-label|tabindex|scope)$/.test(name)),
        ).toBe(true);
      root.remove();
    }
    expect("hit" in globalThis).toBe(false);
  });

  it("loses no word of a paragraph, whatever marks it holds", () => {
    const words = fc.array(fc.constantFrom("a", "**b**", "*c*", "`d`", "__e__", "<i>f</i>", "g*h", "**", "`"), {
      minLength: 1,
    });
    fc.assert(
      fc.property(words, (all) => {
        const shown = rendered(markdown, `x ${all.join(" ")}`).textContent ?? "";
        for (const letter of all.join("").match(/[a-h]/g) ?? []) expect(shown).toContain(letter);
      }),
    );
  });

  it("shows nothing for a value that is missing", () => {
    expect(rendered(markdown, null).textContent).toBe("");
  });
});
