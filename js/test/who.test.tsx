import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Request } from "../src/protocol";
import { FakeKernel } from "./fake_kernel";
import { byText, press, stops, stored, text, widget } from "./opened";
import { pause, settle } from "./settle";

function unnamed(more: Partial<FakeKernel> = {}): FakeKernel {
  return Object.assign(new FakeKernel(), { annotator: null, ...more });
}

const field = (root: Element): HTMLInputElement => root.querySelector("input") as HTMLInputElement;
const error = (root: Element): string => root.querySelector("[role=alert].ja-problem")?.textContent ?? "";

async function give(root: Element, name: string): Promise<void> {
  field(root).value = name;
  field(root).dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  await settle();
}

const identities = (kernel: FakeKernel): unknown[] =>
  kernel.sent
    .filter((each): each is Extract<Request, { kind: "identify" }> => each.kind === "identify")
    .map(({ name, source }) => [name, source]);

/** A hub that says this name, when it is let. */
function hubSays(username: string, until: Promise<unknown> = Promise.resolve()) {
  const asked = vi.fn(async () => {
    await until;
    return { ok: true, json: async () => ({ identity: { username, name: username } }) };
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  sessionStorage.clear();
  localStorage.clear();
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.unstubAllGlobals();
});

afterAll(() => pause(200));

describe("the form that asks who labels", () => {
  it("stands in place of the item, with a name and a description, and takes the focus the widget is given", async () => {
    const { root } = await widget(unnamed());
    expect([text(root), root.querySelector(".ja-header, .ja-actions, .ja-footer")]).toEqual(["", null]);
    expect(root.querySelector("label")?.htmlFor).toBe(field(root).id);
    expect(document.activeElement).toBe(field(root));
    for (const id of field(root).getAttribute("aria-describedby")?.split(" ") ?? []) {
      expect(root.querySelector(`[id="${id}"]`)).not.toBeNull();
    }
    expect(root.tabIndex).toBe(-1);
    field(root).blur();
    root.focus();
    expect(document.activeElement).toBe(field(root));
  });

  it("lets no key of the widget act, and asks the kernel nothing while the person thinks", async () => {
    const { kernel, root } = await widget(unnamed());
    for (const key of ["1", "Enter", " ", "z", "f", "c", "g", "w", "?"]) {
      root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
    await settle();
    expect([root.querySelector(".ja-sheet"), root.classList.contains("ja-root--full")]).toEqual([null, false]);
    expect(root.querySelector(".ja-notice")).toBeNull();
    await pause(2300);
    expect(kernel.kinds().filter((kind) => kind !== "ping")).toEqual(["hello"]);
  });

  it("sends what was typed, goes, and leaves the keys to the item", async () => {
    const { kernel, root } = await widget(unnamed());
    await give(root, "  Ada ");
    expect([identities(kernel), text(root)]).toEqual([[["Ada", "asked"]], "text 0"]);
    expect([root.tabIndex, document.activeElement]).toEqual([0, root]);
    press(root, "1");
    await stored(kernel, 1);
    expect(kernel.stored[0]).toMatchObject({ item: "r-0", answers: { mood: "glad" } });
  });

  it("is sent by its button too, and says that it is", async () => {
    const { kernel, root } = await widget(unnamed());
    kernel.paused = true;
    field(root).value = "Ada";
    byText(root, "Start labeling").click();
    await settle();
    expect(byText(root, "One moment")).toBeDefined();
    kernel.flush();
    await settle();
    expect(text(root)).toBe("text 0");
  });

  it("begins with what the kernel suggests, and with the last name of this browser rather", async () => {
    const first = await widget(unnamed({ suggestion: "jo" }));
    expect(field(first.root).value).toBe("jo");
    await give(first.root, "Ada");
    first.stop();
    const { root } = await widget(unnamed({ suggestion: "jo" }));
    expect(field(root).value).toBe("Ada");
  });

  it("asks on where the browser refuses its storage", async () => {
    vi.stubGlobal("localStorage", undefined);
    const { root } = await widget(unnamed({ suggestion: "jo" }));
    expect(field(root).value).toBe("jo");
    await give(root, "Ada");
    expect(text(root)).toBe("text 0");
  });

  it("says beside the field why a name is refused, keeps what was typed, and takes another", async () => {
    const { kernel, root } = await widget(unnamed({ refusesNames: "root" }));
    await give(root, "root");
    expect([error(root), field(root).value]).toEqual(["The name 'root' says nothing about who labels.", "root"]);
    expect([field(root).getAttribute("aria-invalid"), localStorage.length]).toEqual(["true", 0]);
    await give(root, "Ada");
    expect([text(root), kernel.annotator]).toEqual(["text 0", "Ada"]);
  });

  it("wants a name", async () => {
    const { kernel, root } = await widget(unnamed());
    await give(root, "   ");
    expect([error(root), identities(kernel)]).toEqual(["A name is needed.", []]);
  });

  it("gives the keyboard back with Escape and sends nothing while text is being composed", async () => {
    const { kernel, root } = await widget(unnamed());
    field(root).value = "\u3042";
    field(root).dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }));
    field(root).dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect([identities(kernel), document.activeElement]).toEqual([[], document.body]);
  });

  it("goes from every view once one has given the name", async () => {
    const { root, render } = await widget(unnamed());
    const other = document.createElement("div");
    document.body.append(other);
    stops.push(render(other));
    await settle();
    expect(field(other)).not.toBeNull();
    await give(root, "Ada");
    expect([text(root), text(other)]).toEqual(["text 0", "text 0"]);
    other.remove();
  });

  it("sends the name again when the answer to it was lost", async () => {
    const { kernel, root } = await widget(unnamed());
    kernel.alive = false;
    await give(root, "Ada");
    kernel.alive = true;
    await vi.waitFor(() => expect(byText(root, "Start labeling")).toBeDefined(), { timeout: 14_000 });
    expect(field(root).value).toBe("Ada");
    await give(root, "Ada");
    expect(text(root)).toBe("text 0");
  }, 20_000);
});

describe("the hub", () => {
  it("names the person, who is not asked", async () => {
    hubSays("bob");
    const { kernel, root } = await widget(unnamed({ hub: true }));
    expect([identities(kernel), text(root)]).toEqual([[["bob", "hub_person"]], "text 0"]);
    expect(localStorage.length).toBe(0);
  });

  it("is not asked where the kernel knows of none", async () => {
    const asked = hubSays("bob");
    const { root } = await widget(unnamed());
    expect([asked.mock.calls.length, field(root)]).toEqual([0, expect.anything()]);
  });

  it("that names nobody leaves it to the person", async () => {
    hubSays("Anonymous Iocaste");
    const { kernel, root } = await widget(unnamed({ hub: true }));
    await give(root, "Ada");
    expect([identities(kernel), text(root)]).toEqual([[["Ada", "asked"]], "text 0"]);
  });

  it("whose name is refused leaves it to the person, who then labels", async () => {
    hubSays("root");
    const { kernel, root } = await widget(unnamed({ hub: true, refusesNames: "root" }));
    expect(error(root)).toContain("says nothing about who labels");
    await give(root, "Ada");
    expect(root.textContent).not.toContain("can look on");
    press(root, "1");
    await stored(kernel, 1);
  });

  it("that finds the annotator here changes nothing", async () => {
    hubSays("ada");
    const { kernel, root } = await widget(Object.assign(new FakeKernel(), { hub: true }));
    expect(root.textContent).not.toContain("can look on");
    press(root, "1");
    await stored(kernel, 1);
  });

  it("shows no item before it has said whether it is for this person", async () => {
    let say: (value: unknown) => void = () => undefined;
    hubSays("bob", new Promise((resolve) => (say = resolve)));
    const { root } = await widget(Object.assign(new FakeKernel(), { hub: true }));
    press(root, "1");
    expect(text(root)).toBe("");
    say(null);
    await settle();
    expect([text(root), root.textContent?.includes("can look on")]).toEqual(["text 0", true]);
  });

  it("that finds another person than the annotator lets that one look on, and decide nothing", async () => {
    hubSays("bob");
    const { kernel, root } = await widget(Object.assign(new FakeKernel(), { hub: true }));
    expect(root.querySelector(".ja-notice")?.textContent).toBe(
      "ada labels here; you are bob and can look on. To label yourself, open a copy of this notebook and run it.",
    );
    expect([text(root), root.querySelector(".ja-panels, .ja-actions, .ja-history")]).toEqual(["text 0", null]);
    for (const key of ["1", "Enter", " ", "z", "f", "c", "x", "a", ",", "."]) press(root, key);
    await settle();
    expect(new Set(kernel.kinds())).toEqual(new Set(["hello", "need"]));
    press(root, "g");
    await settle();
    expect(root.querySelector(".ja-guidelines")).not.toBeNull();
    press(root, "Escape");
    await settle();
    expect(root.querySelector(".ja-guidelines")).toBeNull();
    kernel.commit({ ...(await decisionOn(kernel, "r-0")) });
    await vi.waitFor(() => expect(text(root)).toBe("text 1"), { timeout: 4000 });
  });
});

/** What the annotator does in another browser. */
async function decisionOn(kernel: FakeKernel, item: string) {
  await pause(1100);
  const seen = { shown_ms: 0, decided_ms: 0, duration_ms: 0, prelabels: {}, dismissed: [], accepted: [] };
  return {
    kind: "submit" as const,
    client: `not ${kernel.sent[0]?.client}`,
    client_seq: 1,
    submission: "elsewhere",
    item,
    hash: "h",
    action: "answer" as const,
    answers: { mood: "sad" },
    seen: { ...seen, label_order: {}, via: "key" as const },
  };
}
