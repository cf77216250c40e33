/** The label types this front end knows. A new one is a module and a line here. */

import type { Modules } from "../gather";
import { bestWorst } from "./best_worst";
import { boxes } from "./boxes";
import { choice } from "./choice";
import { keypoints } from "./keypoints";
import { multiChoice } from "./multi_choice";
import { numberAnswer } from "./number_answer";
import { polygons } from "./polygons";
import { preference } from "./preference";
import { ranking } from "./ranking";
import { rating } from "./rating";
import { relations } from "./relations";
import { softLabel } from "./soft_label";
import { spans } from "./spans";
import { taxonomy } from "./taxonomy";
import { textAnswer } from "./text_answer";
import { timeSegments } from "./time_segments";

export const QUESTIONS: Modules = {
  best_worst: bestWorst,
  boxes,
  choice,
  keypoints,
  multi_choice: multiChoice,
  number_answer: numberAnswer,
  polygons,
  preference,
  ranking,
  rating,
  time_segments: timeSegments,
  relations,
  soft_label: softLabel,
  spans,
  taxonomy,
  text_answer: textAnswer,
};
