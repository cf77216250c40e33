// @vitest-environment jsdom
/// <reference types="vite/client" />

import { describe, expect, it } from "vitest";
import { withArrows } from "../arrows.mjs";
import { INNER } from "../inner.mjs";

/** What a script leaves in `said`, run as it is. */
const run = (script: string): unknown =>
  // biome-ignore lint/security/noGlobalEval: the scripts are those below
  globalThis.eval(`(() => { "use strict"; const said = []; ${script}; return said; })()`);

describe("functions as arrows", () => {
  it.each([
    ["a function, also before its declaration", `said.push(twice(2)); function twice(n) { return 2 * n; }`],
    [
      "functions that call each other",
      `function a(n) { return n ? b(n - 1) : "a" } function b(n) { return n ? a(n - 1) : "b" } said.push(a(3))`,
    ],
    [
      "defaults, patterns and the rest",
      `function f({ a }, [b] = [2], ...c) { return [a, b, c] } said.push(f({ a: 1 }), f({ a: 1 }, [3], 4, 5))`,
    ],
    ["an asynchronous one", `async function f() { return 1 } said.push(f() instanceof Promise)`],
    ["an object as the result", `function f() { return { a: 1 } } said.push(f())`],
    ["one that is replaced", `function f() { return 1 } f = () => 2; said.push(f())`],
  ])("%s does the same as an arrow function", (_, script) => {
    expect(withArrows(script)).toMatch(/^let /);
    expect(withArrows(script)).not.toMatch(/\bfunction\b/);
    expect(run(withArrows(script))).toEqual(run(script));
  });

  it.each([
    ["asks for this", `function f() { return (() => this)() } said.push(f.call(1))`],
    ["asks for its arguments", `function f() { return arguments.length } said.push(f(1, 2))`],
    ["asks whether it was constructed", `function f() { return new.target } said.push(f())`],
    ["is constructed", `function F() {} said.push(typeof new F())`],
    ["has a prototype that counts", `function F() {} F.prototype.a = 1; said.push(F.prototype.a)`],
    ["is extended", `function F() {} class G extends F {} said.push(typeof new G())`],
    ["is asked for as a kind", `function F() {} said.push({} instanceof F)`],
    ["yields", `function* f() { yield 1 } said.push(...f())`],
  ])("a function that %s stays one", (_, script) => {
    expect(withArrows(script)).toMatch(/\bfunction\b/);
    expect(run(withArrows(script))).toEqual(run(script));
  });

  it("a function inside another that asks for this does not keep the outer one", () => {
    const script = `function outer() { return function () { return this }.call(3) } said.push(outer())`;
    expect(withArrows(script)).toMatch(/^let outer=/);
    expect(run(withArrows(script))).toEqual(run(script));
  });
});

describe("names that are shortened", () => {
  const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

  it("are none of a message, or of what the browser stores", () => {
    const words = ["protocol", "store"].flatMap((name) => (sources[`../src/${name}.ts`] ?? "").match(/\w+/g) ?? []);
    expect(words.length).toBeGreaterThan(500);
    expect(words.filter((word) => INNER.test(word))).toEqual([]);
  });

  it("are none of the page", () => {
    const globals = window as unknown as Record<string, { prototype?: object } | null | undefined>;
    const kinds = Object.getOwnPropertyNames(window).map((name) => globals[name]?.prototype);
    const names = kinds.flatMap((kind) => (kind && kind !== Object.prototype ? Object.getOwnPropertyNames(kind) : []));
    expect(names).toContain("addEventListener");
    expect(names.filter((name) => INNER.test(name))).toEqual([]);
  });

  it("are never written as texts, which stay as they are", () => {
    const texts = Object.values(sources).flatMap((source) => [...source.matchAll(/["'`](\w+)["'`]/g)]);
    expect(texts.map(([, text]) => text).filter((text) => INNER.test(text ?? ""))).toEqual([]);
  });
});
