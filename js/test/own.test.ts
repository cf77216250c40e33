import { expect, it } from "vitest";
import { openSheet } from "../src/drafts";
import { gather } from "../src/gather";
import { own } from "../src/own";
import type { Item, QuestionSpec } from "../src/protocol";
import { QUESTIONS } from "../src/questions";
import { shareOf, voted } from "../src/questions/soft_label";
import { seenOf } from "../src/seen";

const NAMES = ["constructor", "toString", "hasOwnProperty", "valueOf"];
const labels = NAMES.map((name, at) => ({ name, key: String(at + 1), color: null }));
const question = (name: string): QuestionSpec => ({ kind: "choice", name, required: true, labels });
const item: Item = {
  item: "i",
  hash: "h",
  number: 1,
  status: "open",
  fields: {},
  prelabels: {},
  flagged: false,
  comment: null,
};

it("finds what a record holds, and nothing that every object has", () => {
  expect(NAMES.map((name) => own({}, name))).toEqual(NAMES.map(() => undefined));
  expect(own({ constructor: 1 } as Record<string, unknown>, "constructor")).toBe(1);
  expect(own(null, "constructor")).toBeUndefined();
});

it.each(NAMES)("takes no suggestion for a question named %s, where nobody suggested anything", (name) => {
  const sheet = openSheet(item, {}, undefined, () => undefined);
  expect(gather([question(name)], item, sheet, QUESTIONS).missing?.name).toBe(name);
  sheet.draft(name).set("toString");
  expect(gather([question(name)], item, sheet, QUESTIONS)).toEqual({
    answers: { [name]: "toString" },
    accepted: [],
    missing: null,
  });
  const seen = seenOf({
    questions: [question(name)],
    item,
    sheet,
    since: 0,
    shownMs: 0,
    accepted: [],
    via: "key",
    annotator: "ada",
  });
  expect(seen.prelabels).toEqual({});
});

it.each(NAMES)(
  "does not say that a suggestion was accepted where nothing is chosen for a question named %s",
  (name) => {
    const sheet = openSheet(item, {}, undefined, () => undefined);
    const { answers, accepted } = gather([{ ...question(name), kind: "multi_choice" }], item, sheet, QUESTIONS);
    expect(answers).toEqual({ [name]: [] });
    expect(accepted).toEqual([]);
  },
);

it.each([...NAMES, "__proto__"])("counts the votes for a label named %s", (name) => {
  expect(shareOf({}, name)).toBe(0);
  expect(shareOf(voted(null, name, 1) ?? {}, name)).toBe(1);
});
