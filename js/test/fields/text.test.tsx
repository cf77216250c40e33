import { render } from "preact";
import { expect, it } from "vitest";
import { chunksOf, text } from "../../src/fields/text";

const blobs = { url: () => Promise.reject(new Error("none")), ready: () => null };

function shown(value: unknown): HTMLElement {
  const root = document.createElement("div");
  render(<text.View value={value} name="text" title={null} blobs={blobs} register={() => () => undefined} />, root);
  return root;
}

it("shows the text as it is, also where it looks like markup", () => {
  const nasty = "<b>x</b>&amp;\r\n<script>1</script>";
  const root = shown(nasty);
  expect(root.textContent).toBe(nasty);
  expect(root.querySelector("b, script")).toBeNull();
});

it("shows nothing for a value that is missing", () => {
  expect(shown(null).textContent).toBe("");
});

it("cuts a very long text at line ends and loses nothing of it", () => {
  const line = `${"word ".repeat(40)}\n`;
  const long = line.repeat(1500);
  const chunks = chunksOf(long);
  expect(chunks.length).toBeGreaterThan(3);
  expect(chunks.join("")).toBe(long);
  expect(chunks.slice(0, -1).every((chunk) => chunk.endsWith("\n"))).toBe(true);
  expect(shown(long).textContent).toBe(long);
});
