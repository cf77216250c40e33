/** Nothing in the widget moves by itself, so there is nothing that a person who wants less motion would have to ask for. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SOURCES = "js/src";
const MOVES = /\b(?:transition|animation|scroll-behavior)\b\s*:|@keyframes|\.animate\(|behavior:\s*["']smooth/;

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.(?:css|tsx?)$/.test(name),
);

it("nothing moves by itself", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((name) => MOVES.test(readFileSync(join(SOURCES, name), "utf8")))).toEqual([]);
});

it("what would move is found", () => {
  const moving = [
    "a { transition: all 1s }",
    "@keyframes x {}",
    "el.animate(",
    'scrollIntoView({ behavior: "smooth" })',
    "scroll-behavior: smooth",
  ];
  expect(moving.filter((each) => !MOVES.test(each))).toEqual([]);
});
