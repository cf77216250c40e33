/** A recording that no question draws on. */

import type { FieldProps } from "../fields/module";
import { type LegendRow, row } from "../questions/module";
import { useOnce } from "../ui/reactive";
import { type MediaValue, playerOf } from "./player";
import { onRecording, RecordingStage } from "./stage";

export const PLAY_KEYS: readonly LegendRow[] = [
  row("play, pause", "p"),
  row("back, on; to the beginning, the end", "←", "→", "Home", "End"),
  row("coarse or fine steps", "t"),
  row("zoom in, out, whole recording", "+", "-", "0"),
];

export const recordingView = (noun: string) =>
  function RecordingView({ value, name, title, blobs, register }: FieldProps) {
    const editor = useOnce(() => (value ? onRecording(playerOf(value as MediaValue)) : null));
    if (!editor) return <p class="ja-quiet">There is no {noun}.</p>;
    return <RecordingStage editor={editor} field={title ?? name} blobs={blobs} register={register} />;
  };
