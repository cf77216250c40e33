import { expect, it } from "vitest";
import { themeOf } from "../src/theme";

function page(body: Record<string, string>, html: Record<string, string> = {}): Document {
  const made = document.implementation.createHTMLDocument();
  for (const [name, value] of Object.entries(body)) made.body.setAttribute(name, value);
  for (const [name, value] of Object.entries(html)) made.documentElement.setAttribute(name, value);
  return made;
}

it("follows the host's own sign before the system's wish", () => {
  expect(themeOf(page({ "data-jp-theme-light": "false" }), false)).toBe("dark");
  expect(themeOf(page({ "data-jp-theme-light": "true" }), true)).toBe("light");
  expect(themeOf(page({ class: "vscode-dark x" }), false)).toBe("dark");
  expect(themeOf(page({ class: "vscode-high-contrast" }), false)).toBe("dark");
  expect(themeOf(page({ class: "vscode-high-contrast-light" }), true)).toBe("light");
  expect(themeOf(page({}, { theme: "dark" }), false)).toBe("dark");
  expect(themeOf(page({ class: "dark" }), false)).toBe("dark");
});

it("follows the system where the host says nothing", () => {
  expect([themeOf(page({}), true), themeOf(page({}), false)]).toEqual(["dark", "light"]);
});
