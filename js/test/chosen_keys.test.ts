import { describe, expect, it } from "vitest";
import { keyFor, meant } from "../src/chosen_keys";

describe("keys that a person set", () => {
  it("mean what they stand for, and what they replace means nothing", () => {
    const chosen = { " ": "k", z: "q" };
    expect(["k", " ", "q", "z", "a"].map((key) => meant(chosen, key))).toEqual([" ", "", "z", "", "a"]);
    expect(meant(undefined, "z")).toBe("z");
    expect(meant({ ",": ".", ".": "," }, ",")).toBe(".");
  });

  it("are shown instead of ours", () => {
    expect([" ", "z", "f"].map((key) => keyFor({ " ": "k" }, key))).toEqual(["k", "z", "f"]);
    expect(keyFor(undefined, " ")).toBe("Space");
  });
});
