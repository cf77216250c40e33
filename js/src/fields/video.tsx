/** A film to look at, with its timeline. Its bytes come by id from the kernel. */

import { PLAY_KEYS, recordingView } from "../media/view";
import type { FieldModule } from "./module";

export const video: FieldModule = { kind: "video", View: recordingView("film"), legend: PLAY_KEYS };
