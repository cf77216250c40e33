import { describe, expect, it } from "vitest";
import { table } from "../../src/fields/table";
import { rendered, texts } from "./rendered";

describe("table", () => {
  it("shows one row as names and values, a null as none", () => {
    const root = rendered(table, { columns: ["age", "note"], rows: [[41, null]], single: true }, "Patient");
    expect([texts(root, "dt"), texts(root, "dd")]).toEqual([
      ["age", "note"],
      ["41", "none"],
    ]);
    expect(root.querySelector("dl")?.getAttribute("aria-label")).toBe("Patient");
  });

  it("shows several rows under their columns, numbers to the right, in a region that scrolls by keyboard", () => {
    const rows = [
      ["ant", 3],
      ["bee", null],
    ];
    const root = rendered(table, { columns: ["name", "size"], rows, single: false });
    expect(texts(root, "th")).toEqual(["name", "size"]);
    expect(texts(root, "td")).toEqual(["ant", "3", "bee", "none"]);
    expect(texts(root, ".ja-table-right")).toEqual(["3"]);
    expect((root.firstElementChild as HTMLElement).tabIndex).toBe(0);
    expect([...root.querySelectorAll("th")].every((th) => th.getAttribute("scope") === "col")).toBe(true);
  });

  it("shows false and nothing as different things, and markup as text", () => {
    const nasty = '<img src=x onerror="globalThis.hit=1">';
    const root = rendered(table, { columns: [nasty, "b"], rows: [[nasty, false]], single: true });
    expect(texts(root, "dd")).toEqual([nasty, "false"]);
    expect(root.querySelector("img")).toBeNull();
    expect(rendered(table, null).textContent).toBe("");
  });
});
