/// <reference types="vite/client" />

import { expect, it } from "vitest";

const sources = Object.entries(
  import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
);

/** Ways from a text to markup, script or a request. */
const SINKS =
  /innerHTML|outerHTML|insertAdjacentHTML|DOMParser|dangerouslySetInnerHTML|createContextualFragment|document\.write|\beval\(|new Function|srcdoc|setHTML|<(?:iframe|script|object|embed|a)[\s/>]|\bhref\b|[^.\w]fetch\(|XMLHttpRequest|WebSocket|\bimport\(|console\./;

it("no source turns data into markup, runs it or sends it anywhere; one asks the hub who sits there", () => {
  const found = sources.flatMap(([path, source]) => {
    const hit = SINKS.exec(source);
    return hit ? [`${path}: ${hit[0].trim()}`] : [];
  });
  expect(sources.length).toBeGreaterThan(20);
  expect(found).toEqual(["../src/hub.ts: fetch("]);
});

it("only the host knows the model", () => {
  const users = sources.filter(([, source]) => /\bmodel\.(?:send|get|set|on|off|save_changes)\b/.test(source));
  expect(users.map(([path]) => path).sort()).toEqual(["../src/control_model.ts", "../src/host.ts"]);
});
