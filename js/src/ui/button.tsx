/** A button with words on it, drawn as quietly as the page. */

import type { ComponentChildren } from "preact";

interface ButtonProps {
  readonly press: () => void;
  /** The one that is pressed most often. */
  readonly first?: boolean | undefined;
  readonly children: ComponentChildren;
}

export function Button({ press, first, children }: ButtonProps) {
  return (
    <button type="button" class={`ja-plain${first ? " ja-plain--first" : ""}`} onClick={press}>
      {children}
    </button>
  );
}
