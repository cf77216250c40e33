/** Sound to listen to, with its waveform. Its bytes come by id from the kernel. */

import { PLAY_KEYS, recordingView } from "../media/view";
import type { FieldModule } from "./module";

export const audio: FieldModule = { kind: "audio", View: recordingView("recording"), legend: PLAY_KEYS };
