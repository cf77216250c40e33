/** An image to look at. Its bytes come by id from the kernel. */

import { signal } from "@preact/signals-core";
import type { ImageValue } from "../protocol";
import { useLayoutEffect, useOnce } from "../ui/reactive";
import type { FieldModule, FieldProps } from "./module";

function ImageView({ value, name, title, blobs }: FieldProps) {
  const image = value as ImageValue | null;
  const blob = image?.blob ?? "";
  const url = useOnce(() => signal(blobs.ready(blob)));
  const problem = useOnce(() => signal<string | null>(null));
  useLayoutEffect(() => {
    let wanted = blob !== "" && url.peek() === null;
    if (!wanted) return undefined;
    blobs.url(blob).then(
      (arrived) => {
        if (wanted) url.value = arrived;
      },
      (error: unknown) => {
        if (wanted) problem.value = error instanceof Error ? error.message : String(error);
      },
    );
    return () => {
      wanted = false;
    };
  }, [blob]);
  if (!image) return <p class="ja-quiet">There is no image.</p>;
  if (problem.value !== null) return <p class="ja-problem">The image cannot be shown: {problem.value}</p>;
  const { width, height } = image;
  // The place is reserved from the start: nothing below moves when the bytes arrive.
  return (
    <div class="ja-image" style={{ aspectRatio: `${width} / ${height}`, maxWidth: `${width}px` }}>
      {url.value !== null && (
        <img
          src={url.value}
          alt={title ?? name}
          draggable={false}
          onError={() => {
            problem.value = `the browser cannot decode it (${image.mime}).`;
          }}
        />
      )}
    </div>
  );
}

export const image: FieldModule = { kind: "image", View: ImageView };
