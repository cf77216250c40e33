/** What a question about marks is to the app: the same for every kind of mark. */

import type { ComponentType } from "preact";
import type { QuestionSpec } from "../../protocol";
import { type LegendRow, labelRows, type QuestionModule, type QuestionProps, row } from "../module";
import type { Mark } from "./state";

/** The keys of all marks, after those of the labels and of the kind itself. */
const KEYS: readonly LegendRow[] = [
  row("choose the next mark; with Shift, the one before", "s"),
  row("remove the chosen mark", "n", "Delete"),
  row("put down the selection", "Escape"),
];

const SAY = row("say an attribute of the chosen mark", "⇧1", "…");

type Part<M, Q extends QuestionSpec> = ComponentType<QuestionProps<readonly M[], Q>>;

export function markModule<M extends Mark, Q extends QuestionSpec>(
  kind: string,
  Surface: Part<M, Q>,
  Panel: Part<M, Q>,
  own: readonly LegendRow[] | ((question: Q) => readonly LegendRow[]),
): QuestionModule<readonly M[], Q> {
  return {
    kind,
    submitsAtOnce: () => false,
    // No mark at all is an answer: looked at, nothing there. One whose label was split has to get another.
    complete: ({ labels }, marks) => (marks ?? []).every(({ label }) => labels.some(({ name }) => name === label)),
    initial: () => [],
    // "2 person, 1 place", in the order of the schema.
    summary: ({ labels }, marks) => {
      const counts = labels.map(({ name }) => [marks.filter(({ label }) => label === name).length, name] as const);
      const rows = counts.filter(([count]) => count).map((row) => row.join(" "));
      return rows.join(", ") || "none";
    },
    legend: (question) => [
      ...labelRows(question),
      ...(typeof own === "function" ? own(question) : own),
      ...(question.attributes ? [SAY] : []),
      ...KEYS,
    ],
    Surface,
    Panel,
  };
}
