/** Text to read, as text nodes. */

import { createRef } from "preact";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import { plainBlocks } from "../ui/text_blocks";
import type { FieldModule, FieldProps } from "./module";

/** More characters than this are set smaller, in a box that scrolls. */
const LONG = 600;
/** One very long text node takes seconds to lay out. */
const NODE = 10_000;

function TextView({ value }: FieldProps) {
  const whole = typeof value === "string" ? value : "";
  const long = whole.length > LONG;
  return (
    // A long text scrolls: the next one begins at its beginning.
    <div key={long ? whole : ""} class={`ja-text${long ? " ja-text--long" : ""}`} dir="auto">
      {whole.length > NODE ? <Blocks whole={whole} /> : whole}
    </div>
  );
}

function Blocks({ whole }: { whole: string }) {
  const host = useOnce(createRef<HTMLDivElement>);
  useLayoutEffect(() => {
    if (host.current) plainBlocks(host.current, whole);
    return undefined;
  }, [whole]);
  return <div ref={host} />;
}

export const text: FieldModule = { kind: "text", View: TextView, lasting: true };
