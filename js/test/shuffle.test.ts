import fc from "fast-check";
import { expect, it } from "vitest";
import { shuffled } from "../src/shuffle";

it("is the same again for the same seed, and leaves the list it was given as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (all, seed) => {
      const before = [...all];
      expect(shuffled(all, seed)).toEqual(shuffled(all, seed));
      expect(all).toEqual(before);
      expect([...shuffled(all, seed)].sort()).toEqual([...all].sort());
    }),
  );
});

it("gives every order about as often as any other", () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 12_000; n++) {
    const order = shuffled(["a", "b", "c", "d"], `ada\ni-${n}\nq`).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // Chi-squared with 23 degrees of freedom: above 55 once in five thousand.
  const chi = [...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0);
  expect(chi).toBeLessThan(55);
});

it("puts two on either side for people, items and questions alike", () => {
  for (const seedOf of [(n: number) => `${n}\ni\nq`, (n: number) => `ada\n${n}\nq`, (n: number) => `ada\ni\nq${n}`]) {
    const first = Array.from({ length: 4000 }, (_, n) => shuffled([0, 1], seedOf(n))[0] as number);
    expect(Math.abs(first.reduce((sum, each) => sum + each, 0) - 2000)).toBeLessThan(130);
  }
});
