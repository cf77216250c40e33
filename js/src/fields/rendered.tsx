/** A widget that a function of the user's made in the kernel, shown as a part of the page. */

import { signal } from "@preact/signals-core";
import { createRef } from "preact";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import type { FieldModule, FieldProps } from "./module";
import "./rendered.css";

interface RenderedValue {
  readonly blob: string;
}

function RenderedView({ value, name, title, blobs }: FieldProps) {
  const place = useOnce(createRef<HTMLDivElement>);
  const state = useOnce(() => signal<"waiting" | "there" | string>("waiting"));
  const blob = (value as RenderedValue | null)?.blob;
  useLayoutEffect(() => {
    const el = place.current;
    if (!el || !blob) return undefined;
    let left = false;
    let remove: (() => void) | null = null;
    const made = blobs.embed?.(blob, el) ?? Promise.reject(new Error("there is no kernel to make it."));
    made.then(
      (stop) => {
        if (left) stop();
        else {
          remove = stop;
          state.value = "there";
        }
      },
      (error: unknown) => {
        if (!left) state.value = error instanceof Error ? error.message : String(error);
      },
    );
    return () => {
      left = true;
      remove?.();
    };
  }, [blob]);
  if (!blob) return <p class="ja-quiet">There is nothing to show.</p>;
  const now = state.value;
  return (
    <div class="ja-rendered" role="group" aria-label={title ?? name} aria-busy={now === "waiting"}>
      <div ref={place} data-ja-foreign="" />
      {now !== "waiting" && now !== "there" && (
        <p class="ja-problem" role="alert">
          This cannot be shown: {now}
        </p>
      )}
    </div>
  );
}

export const rendered: FieldModule = {
  kind: "rendered",
  View: RenderedView,
  legend: [{ text: "inside the widget: back to labeling", keys: ["Escape"] }],
};
