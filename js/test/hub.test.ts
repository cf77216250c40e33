import { afterEach, describe, expect, it, vi } from "vitest";
import { personOfHub } from "../src/hub";

const ANSWER = { identity: { username: "bob", name: "bob" } };

function hub(answer: unknown = ANSWER, ok = true) {
  const asked = vi.fn(async (_url: string, _how: RequestInit) => ({ ok, json: async () => answer }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

function config(text: string): void {
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "jupyter-config-data";
  script.textContent = text;
  document.body.append(script);
}

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  delete document.body.dataset.baseUrl;
  // biome-ignore lint/suspicious/noDocumentCookie: what is tested reads it
  document.cookie = "_xsrf=; expires=Thu, 01 Jan 1970 00:00:00 GMT";
});

describe("the hub", () => {
  it("is asked where JupyterLab says its server is, with the token of the cookie, and nowhere else", async () => {
    const asked = hub();
    config('{"baseUrl": "/user/alice/"}');
    // biome-ignore lint/suspicious/noDocumentCookie: what is tested reads it
    document.cookie = "_xsrf=2|abc|17";
    expect(await personOfHub()).toBe("bob");
    const [url, how] = asked.mock.calls[0] ?? [];
    expect(url).toBe("/user/alice/api/me");
    expect(how).toMatchObject({ headers: { "X-XSRFToken": "2|abc|17" }, mode: "same-origin", redirect: "error" });
    expect(how?.signal).toBeInstanceOf(AbortSignal);
  });

  it("is found by the page's body where there is no configuration, and at the root without either", async () => {
    const asked = hub();
    await personOfHub();
    document.body.dataset.baseUrl = "/base/";
    await personOfHub();
    expect(asked.mock.calls.map(([url]) => url)).toEqual(["/api/me", "/base/api/me"]);
  });

  it.each([
    ["made up for this browser", { identity: { username: "35487b71aabbccddeeff001122334455", name: "Ada" } }],
    ["anonymous", { identity: { username: "x", name: "Anonymous Iocaste" } }],
    ["none", {}],
    ["empty", { identity: { username: "", name: "" } }],
  ])("names nobody where the name is %s", async (_what, answer) => {
    hub(answer);
    expect(await personOfHub()).toBeNull();
  });

  it("names nobody where it refuses, fails, or the page's configuration is none", async () => {
    hub(ANSWER, false);
    expect(await personOfHub()).toBeNull();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    expect(await personOfHub()).toBeNull();
    hub();
    config("{");
    expect(await personOfHub()).toBeNull();
  });
});
