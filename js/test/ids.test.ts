import { expect, it } from "vitest";
import { madeAt, uuid7 } from "../src/ids";

it("makes names that are different, in the order they were made, and say when", () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, () => uuid7());
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(Math.abs(madeAt(ids[0] ?? "") - before)).toBeLessThan(1000);
});
