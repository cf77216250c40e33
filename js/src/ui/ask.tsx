/** Asks who labels, in place of the item. */

import { createRef } from "preact";
import { uuid7 } from "../ids";
import { listen } from "../listen";
import type { Asking } from "../who";
import { Button } from "./button";
import { useLayoutEffect, useOnce } from "./reactive";
import { release, type View } from "./view";

export function Ask({ view, asking }: { view: View; asking: Asking }) {
  const { root, who } = view;
  const id = useOnce(uuid7);
  const field = useOnce(createRef<HTMLInputElement>);
  const enter = (): void => {
    // On the way out the root takes the focus and has to keep it.
    if (!who.asking.peek()) return;
    field.current?.focus({ preventScroll: true });
    field.current?.select();
  };
  const send = (): void => {
    const name = field.current?.value.trim();
    if (name) who.identify(name);
    else who.refuse("A name is needed.");
  };
  useLayoutEffect(() => {
    if (root.matches(":focus")) enter();
    const stop = listen(root, "focus", enter);
    // No key of the widget acts here, and Shift+Tab must not come back to the field.
    root.tabIndex = -1;
    return () => {
      stop();
      root.tabIndex = 0;
    };
  }, []);
  return (
    <div class="ja-blank ja-ask" role="group" aria-label="Who is labeling?">
      <label class="ja-blank-title" for={id}>
        Who is labeling?
      </label>
      <p class="ja-quiet" id={`${id}-why`}>
        Your name is kept with every answer you give.
      </p>
      <div class="ja-ask-row">
        <input
          ref={field}
          id={id}
          defaultValue={asking.suggestion}
          placeholder="Your name"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={asking.error !== null}
          aria-describedby={`${id}-error ${id}-why`}
          onKeyDown={(ev) => {
            ev.stopPropagation();
            if (ev.isComposing) return;
            if (ev.key === "Enter") send();
            if (ev.key === "Escape") release(root);
          }}
        />
        <Button first press={send}>
          {asking.busy ? "One moment…" : "Start labeling"}
        </Button>
      </div>
      <p class="ja-problem" id={`${id}-error`} role="alert">
        {asking.error}
      </p>
    </div>
  );
}
