import { render } from "preact";
import { expect, it, vi } from "vitest";
import { text } from "../../src/fields/text";

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

it("shows the beginning of a very long text at once, the rest soon, and loses nothing of it", async () => {
  const long = `${"word ".repeat(40)}\n`.repeat(1500);
  const root = shown(long);
  document.body.append(root);
  expect(long.startsWith(root.textContent ?? "?")).toBe(true);
  expect(root.querySelectorAll(".ja-text-block").length).toBeLessThan(60);
  await vi.waitFor(() => expect(root.textContent).toBe(long), 5000);
  root.remove();
  expect(root.querySelectorAll(".ja-text-block").length).toBeGreaterThan(100);
});

it("puts another long text in its place", () => {
  const root = shown("one ".repeat(10_000));
  const next = "two ".repeat(10_000);
  render(<text.View value={next} name="text" title={null} blobs={blobs} register={() => () => undefined} />, root);
  expect(root.textContent).toBe(next);
});
