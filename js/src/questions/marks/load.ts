/** Getting the image of an item on screen, or a sentence why not. */

import type { Signal } from "@preact/signals-core";
import type { ImageValue } from "../../protocol";
import type { BlobSource } from "../module";

export interface Loading {
  readonly image: ImageValue;
  readonly ready: Signal<boolean>;
  readonly problem: Signal<string | null>;
}

/** Show the image; drawing becomes possible once it is decoded. Returns a function that forgets about it. */
export function loadImage(
  picture: HTMLImageElement,
  { image, ready, problem }: Loading,
  blobs: BlobSource,
): () => void {
  let wanted = true;
  const fail = (why: string): void => {
    if (wanted) problem.value = `${why} Drawing is off: skip this item or flag it.`;
  };
  const show = (url: string): void => {
    if (wanted) picture.src = url;
  };
  picture.onload = () => {
    const { naturalWidth: width, naturalHeight: height } = picture;
    const said = image.sent ?? [image.width, image.height];
    ready.value = wanted && width === said[0] && height === said[1];
    if (!ready.value) fail(`This image is ${width} × ${height}, the project says ${said.join(" × ")}.`);
  };
  picture.onerror = () => fail(`The browser cannot decode this image (${image.mime}).`);
  const url = blobs.ready(image.blob);
  if (url !== null) show(url);
  else blobs.url(image.blob).then(show, (error) => fail(`The image did not arrive: ${error?.message ?? error}`));
  return () => {
    wanted = false;
    ready.value = false;
  };
}
