import { describe, expect, it } from "vitest";
import { chat } from "../../src/fields/chat";
import { rendered, texts } from "./rendered";

const turns = [
  { role: "user", content: "Why?" },
  { role: "assistant", content: "**Because**" },
  { role: "critic", content: "Hm." },
];

describe("chat", () => {
  it("names who said what, in turn, as a list", () => {
    const root = rendered(chat, { turns, markdown: false }, "Talk");
    expect(root.querySelector("ol")?.getAttribute("aria-label")).toBe("Talk");
    expect(texts(root, ".ja-chat-role")).toEqual(["user", "assistant", "critic"]);
    expect(texts(root, ".ja-chat-content")).toEqual(["Why?", "**Because**", "Hm."]);
    expect([...root.querySelectorAll("li")].map(({ className }) => className.split("--")[1])).toEqual([
      "user",
      "assistant",
      "other",
    ]);
  });

  it("reads marks where it is told to", () => {
    expect(texts(rendered(chat, { turns, markdown: true }), "strong")).toEqual(["Because"]);
  });

  it("scrolls by keyboard where it is long", () => {
    const long = { turns: [{ role: "user", content: "word ".repeat(500) }], markdown: false };
    expect((rendered(chat, long).firstElementChild as HTMLElement).tabIndex).toBe(0);
    expect(rendered(chat, { turns, markdown: false }).querySelector("[tabindex]")).toBeNull();
  });

  it("puts everything into text only, a class never made of a role", () => {
    const nasty = '"><img src=x onerror="globalThis.hit=1">';
    const root = rendered(chat, { turns: [{ role: nasty, content: nasty }], markdown: true }, nasty);
    expect(root.querySelector("img")).toBeNull();
    expect(texts(root, ".ja-chat-role")).toEqual([nasty]);
    expect(rendered(chat, null).textContent).toBe("");
  });
});
