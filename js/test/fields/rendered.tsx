/** A field on the page by itself. */

import { render } from "preact";
import { act } from "preact/test-utils";
import type { FieldModule } from "../../src/fields/module";

const blobs = { url: () => Promise.reject(new Error("none")), ready: () => null };

export function rendered(module: FieldModule, value: unknown, title: string | null = null): HTMLElement {
  const root = document.createElement("div");
  act(() =>
    render(<module.View value={value} name="f" title={title} blobs={blobs} register={() => () => undefined} />, root),
  );
  return root;
}

export const texts = (root: Element, selector: string): (string | null)[] =>
  [...root.querySelectorAll(selector)].map((each) => each.textContent);
