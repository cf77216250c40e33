/** The tools that zoom a surface. */

import type { Signal } from "@preact/signals-core";
import { zoomed } from "../../geometry/view";
import { Tool } from "./panel";

interface ZoomToolsProps {
  readonly zoom: Signal<number>;
  /** What is shown whole. */
  readonly what: string;
}

export function ZoomTools({ zoom, what }: ZoomToolsProps) {
  const by = (step: 1 | -1 | 0) => () => {
    zoom.value = zoomed(zoom.value, step);
  };
  return (
    <>
      <Tool name="Zoom out" off={zoom.value === 1} press={by(-1)}>
        −
      </Tool>
      <Tool name={`Show the whole ${what}`} off={zoom.value === 1} press={by(0)}>
        {Math.round(zoom.value * 100)} %
      </Tool>
      <Tool name="Zoom in" press={by(1)}>
        +
      </Tool>
    </>
  );
}
