/** An image to look at. Its bytes come by id from the kernel. */

import { useEffect, useState } from "preact/hooks";
import type { ImageValue } from "../protocol";
import type { FieldModule, FieldProps } from "./module";

function ImageView({ value, name, title, blobs }: FieldProps) {
  const image = value as ImageValue | null;
  const blob = image?.blob ?? "";
  const [url, setUrl] = useState(blobs.ready(blob));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let wanted = blob !== "" && url === null;
    if (!wanted) return undefined;
    blobs.url(blob).then(
      (arrived) => wanted && setUrl(arrived),
      (error: unknown) => wanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      wanted = false;
    };
  }, [blob]);
  if (!image) return <p class="ja-quiet">There is no image.</p>;
  if (problem !== null) return <p class="ja-problem">The image cannot be shown: {problem}</p>;
  const { width, height } = image;
  // The place is reserved from the start: nothing below moves when the bytes arrive.
  return (
    <div class="ja-image" style={{ aspectRatio: `${width} / ${height}`, maxWidth: `${width}px` }}>
      {url !== null && (
        <img
          src={url}
          alt={title ?? name}
          draggable={false}
          onError={() => setProblem(`the browser cannot decode it (${image.mime}).`)}
        />
      )}
    </div>
  );
}

export const image: FieldModule = { kind: "image", View: ImageView };
