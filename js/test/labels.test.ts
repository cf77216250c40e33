import { describe, expect, it } from "vitest";
import { findLabels, usedNow } from "../src/labels/find";
import { labels as made } from "./fake_kernel";

const find = (names: readonly string[], typed: string, recent: readonly string[] = []): string[] =>
  findLabels(made(...names), typed, recent).map(({ name }) => name);

describe("finding a label", () => {
  it("prefers its name, its beginning, a word, initials, a part, its letters in order", () => {
    const names = ["bacterial pneumonia", "pn", "acute pneumonia", "pneumonia", "apnea", "poison", "cold"];
    expect(find(names, "pn")).toEqual(["pn", "pneumonia", "acute pneumonia", "bacterial pneumonia", "apnea", "poison"]);
    expect(find(names, "bp")).toEqual(["bacterial pneumonia"]);
    expect(find(names, "xyz")).toEqual([]);
  });

  it("asks neither for accents nor for case", () => {
    expect(find(["Übelkeit", "Crème brûlée"], "ube")).toEqual(["Übelkeit"]);
    expect(find(["Übelkeit", "Crème brûlée"], "creme br")).toEqual(["Crème brûlée"]);
  });

  it("puts those used last first, of equals or while nothing is typed", () => {
    expect(find(["aa", "ab", "ac"], "", ["ac", "ab"])).toEqual(["ac", "ab", "aa"]);
    expect(find(["aa", "ab", "ac"], "a", ["ac"])).toEqual(["ac", "aa", "ab"]);
    expect(usedNow(["a", "b", "c"], "c", 2)).toEqual(["c", "a"]);
  });

  it("takes two letters on average to bring one of 500 to the first five", () => {
    const names = Array.from(
      { length: 500 },
      (_, at) => `code ${((at * 7919) % 500).toString(36).padStart(3, "0")} ${at}`,
    );
    const needed = names.map((name) => {
      const own = name.split(" ")[2] as string;
      for (let letters = 1; letters <= own.length; letters++)
        if (find(names, own.slice(0, letters)).slice(0, 5).includes(name)) return letters;
      return own.length + 1;
    });
    expect(needed.reduce((sum, each) => sum + each, 0) / needed.length).toBeLessThan(3.2);
  });
});
