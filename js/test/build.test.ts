// @vitest-environment jsdom
/// <reference types="vite/client" />

import { describe, expect, it } from "vitest";
import replies from "../../tests/protocol/replies.json";
import requests from "../../tests/protocol/requests.json";
import { INNER } from "../inner.mjs";

describe("names that are shortened", () => {
  const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

  it("are none of a message, of what the browser stores, or of what the hub answers", () => {
    const code = (name: string): string => (sources[`../src/${name}.ts`] ?? "").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const words = ["protocol", "store", "hub"].flatMap((name) => code(name).match(/\w+/g) ?? []);
    expect(words.length).toBeGreaterThan(500);
    expect(words.filter((word) => INNER.test(word))).toEqual([]);
    const fields = [replies, requests].flatMap((messages) => JSON.stringify(messages).match(/(?<=")\w+(?=":)/g) ?? []);
    expect(fields).toContain("client_seq");
    expect(fields.filter((field) => INNER.test(field))).toEqual([]);
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
