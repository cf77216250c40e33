/** The label types this front end knows. A new one is a module and a line here. */

import type { Modules } from "../gather";
import { boxes } from "./boxes";
import { choice } from "./choice";
import { multiChoice } from "./multi_choice";
import { number } from "./number";
import { rating } from "./rating";
import { softLabel } from "./soft_label";
import { spans } from "./spans";
import { textAnswer } from "./text_answer";

export const QUESTIONS: Modules = {
  boxes,
  choice,
  multi_choice: multiChoice,
  number,
  rating,
  soft_label: softLabel,
  spans,
  text_answer: textAnswer,
};
