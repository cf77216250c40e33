import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import cases from "../../../tests/protocol/offsets.json";
import type { SpanValue } from "../../src/protocol";
import { spans } from "../../src/questions/spans";
import type { SpansSpec } from "../../src/questions/spans/editor";
import { FakePointerEvent, labelled, type Setting, show } from "./fake";

const QUESTION: SpansSpec = {
  kind: "spans",
  name: "entities",
  title: "Entities",
  help: null,
  required: true,
  field: "text",
  overlap: true,
  snap: "token",
  labels: labelled(["person", "place"]),
};
const TEXT = "Ada met Grace in New York.";

function open(text = TEXT, setting: Partial<Setting<readonly SpanValue[], SpansSpec>> = {}) {
  return show(spans, { question: { ...QUESTION }, fields: { text }, ...setting });
}

type Page = ReturnType<typeof open>;

const span = (start: number, end: number, label: string): SpanValue => ({ start, end, label });
const answer = ({ draft }: Page) => draft.value.value;

/** The item's own text as it stands in the DOM, labels of marks left out. */
function textNodes({ root }: Page): Text[] {
  const walker = document.createTreeWalker(root.querySelector(".ja-spans") as Node, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (!node.parentElement?.closest(".ja-mark-label")) found.push(node);
  }
  return found;
}

/** The DOM position of a UTF-16 unit. */
function placeOf(page: Page, unit: number): [Text, number] {
  let left = unit;
  const nodes = textNodes(page);
  for (const node of nodes) {
    if (left <= node.length) return [node, left];
    left -= node.length;
  }
  throw new Error(`no unit ${unit}`);
}

/** What the browser does between press and release: select from one unit to another. */
function drag(page: Page, from: number, to: number, init: PointerEventInit = {}): void {
  const host = page.root.querySelector(".ja-spans") as HTMLElement;
  const [anchor, anchorOffset] = placeOf(page, from);
  const [focus, focusOffset] = placeOf(page, to);
  act(() => {
    host.dispatchEvent(new FakePointerEvent("pointerdown", init));
    host.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, detail: 1 }));
    getSelection()?.setBaseAndExtent(anchor, anchorOffset, focus, focusOffset);
    host.dispatchEvent(new FakePointerEvent("pointerup", { clientX: 9, ...init }));
  });
}

/** A click on the character at `unit`: the two things jsdom lacks are where a point falls and where text lies. */
function click(page: Page, unit: number, init: PointerEventInit = {}): void {
  const [node, offset] = placeOf(page, unit);
  Object.assign(document, { caretPositionFromPoint: () => ({ offsetNode: node, offset }) });
  const target = (node.length > offset ? node : node.nextSibling)?.parentElement as HTMLElement;
  act(() => {
    target.dispatchEvent(new FakePointerEvent("pointerdown", init));
    target.dispatchEvent(new FakePointerEvent("pointerup", init));
  });
  Object.assign(document, { caretPositionFromPoint: undefined });
}

/** Where jsdom pretends that the text of a range lies. */
function layOut(place: (range: Range) => { left: number; top: number }): void {
  Range.prototype.getClientRects = function (this: Range) {
    const { left, top } = place(this);
    return [{ left, top, right: left + 8, bottom: top + 16, width: 8, height: 16 }] as unknown as DOMRectList;
  };
}

beforeEach(() => layOut(() => ({ left: 0, top: 0 })));

describe("a text to be marked", () => {
  it.each(cases)("stands in the DOM character for character: $name", ({ text }) => {
    const page = open(text);
    expect(
      textNodes(page)
        .map(({ data }) => data)
        .join(""),
    ).toBe(text);
    expect(page.root.querySelector(".ja-spans")?.textContent).toBe(text);
  });

  it("stays the same text under nested and crossing marks", () => {
    const value = [span(0, 7, "person"), span(4, 13, "place"), span(4, 7, "person")];
    const page = open(TEXT, { value });
    expect(
      textNodes(page)
        .map(({ data }) => data)
        .join(""),
    ).toBe(TEXT);
    const labels = [...page.root.querySelectorAll(".ja-mark-label")].map((label) => label.textContent);
    expect(labels.sort()).toEqual(["person", "person", "place"]);
  });

  it("enters the page as text, whatever it looks like", () => {
    const page = open("<img src=x onerror=alert(1)> & <b>bold</b>", { value: [span(0, 4, "person")] });
    expect(page.root.querySelector("img, b")).toBeNull();
  });
});

describe("selecting with the mouse", () => {
  it.each(cases.filter(({ slice }) => slice.trim() !== ""))(
    "gives the offsets of Python: $name",
    ({ text, span: at }) => {
      const [start, end] = at as [number, number];
      const units = (points: number) => Array.from(text).slice(0, points).join("").length;
      for (const [from, to] of [
        [start, end],
        [end, start],
      ] as const) {
        const page = open(text, { question: { ...QUESTION, snap: "character" } });
        drag(page, units(from), units(to));
        page.press("1");
        expect(answer(page)).toEqual([span(start, end, "person")]);
      }
    },
  );

  it("takes whole words, from anywhere in the first to anywhere in the last", () => {
    const page = open();
    drag(page, 18, 23);
    page.press("2");
    expect(answer(page)).toEqual([span(17, 25, "place")]);
  });

  it("works across marks that stand there already", () => {
    const page = open(TEXT, { value: [span(0, 3, "person"), span(8, 13, "person")] });
    drag(page, 1, 10);
    page.press("2");
    expect(answer(page)).toContainEqual(span(0, 13, "place"));
  });

  it("labels at once while a label is armed, and clears the browser's own selection", () => {
    const page = open();
    page.click(/place/);
    drag(page, 17, 25);
    drag(page, 0, 3);
    expect(answer(page)).toEqual([span(0, 3, "place"), span(17, 25, "place")]);
    expect(getSelection()?.rangeCount).toBe(0);
  });

  it("takes nothing from a selection of blanks", () => {
    const page = open("a   b");
    drag(page, 1, 4);
    expect(page.press("1")).toBe(true);
    expect(answer(page)).toBeNull();
    expect(page.status()).toContain("person");
  });

  it("tells the app that the person is here", () => {
    const page = open();
    drag(page, 0, 3);
    expect(page.props.activate).toHaveBeenCalled();
  });
});

describe("pointing without dragging", () => {
  it("selects a word by one click and up to another by a click with Shift", () => {
    const page = open();
    click(page, 8);
    expect(page.status()).toBe("“Grace”");
    click(page, 21, { shiftKey: true });
    expect(page.status()).toBe("“Grace in New York”");
    page.press("1");
    expect(answer(page)).toEqual([span(8, 25, "person")]);
  });

  it("never edits by one click, even with a label armed", () => {
    const page = open();
    page.click(/person/);
    click(page, 8);
    expect(answer(page)).toBeNull();
  });

  it("chooses the span under the click, the shortest first, and then the one around it", () => {
    const page = open(TEXT, { value: [span(8, 25, "person"), span(17, 25, "place")] });
    click(page, 18);
    expect(page.status()).toBe("place: “New York”");
    click(page, 18);
    expect(page.status()).toBe("person: “Grace in New York”");
  });

  it("chooses a span by its label in the text", () => {
    const page = open(TEXT, { value: [span(0, 3, "person")] });
    const label = page.root.querySelector(".ja-mark-label") as HTMLElement;
    act(() => {
      label.dispatchEvent(new FakePointerEvent("pointerdown"));
      label.dispatchEvent(new FakePointerEvent("pointerup"));
    });
    expect(page.status()).toBe("person: “Ada”");
  });

  it("follows the handles of a long press, and labels by a tap on the label", () => {
    const page = open();
    const host = page.root.querySelector(".ja-spans") as HTMLElement;
    const [node] = placeOf(page, 0);
    act(() => {
      host.dispatchEvent(new FakePointerEvent("pointerdown", { pointerType: "touch" }));
      document.dispatchEvent(new FakePointerEvent("pointercancel", { pointerType: "touch" }));
      getSelection()?.setBaseAndExtent(node, 9, node, 10);
      document.dispatchEvent(new Event("selectionchange"));
    });
    expect(node.isConnected).toBe(true);
    act(() => {
      getSelection()?.removeAllRanges();
      document.dispatchEvent(new Event("selectionchange"));
    });
    page.click(/place/);
    expect(answer(page)).toEqual([span(8, 13, "place")]);
  });
});

describe("keys alone", () => {
  it("walk by words, extend and label", () => {
    const page = open();
    page.keys("ArrowRight", "1", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2");
    expect(answer(page)).toEqual([span(0, 3, "person"), span(17, 25, "place")]);
  });

  it("walk by visible characters after t, an emoji with its accents being one", () => {
    const page = open("a\u{1f468}\u200d\u{1f469}\u200d\u{1f467}e\u0301!");
    page.keys("t", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "1");
    expect(answer(page)).toEqual([span(1, 8, "person")]);
  });

  it("relabel the span just made, move its edges and remove it", () => {
    const page = open();
    page.keys("ArrowRight", "1", "2");
    expect(answer(page)).toEqual([span(0, 3, "place")]);
    page.keys("]", "]");
    expect(answer(page)).toEqual([span(0, 13, "place")]);
    page.keys("[");
    expect(answer(page)).toEqual([span(0, 7, "place")]);
    page.keys("Delete");
    expect(answer(page)).toEqual([]);
  });

  it("shrink and extend the start with Shift", () => {
    const page = open(TEXT, { value: [span(4, 13, "person")] });
    page.keys("s");
    page.press("{", { code: "BracketLeft", shiftKey: true });
    expect(answer(page)).toEqual([span(8, 13, "person")]);
    page.press("}", { code: "BracketRight", shiftKey: true });
    expect(answer(page)).toEqual([span(4, 13, "person")]);
  });

  it("move the edges of a span by place where the bracket needs AltGr", () => {
    const page = open(TEXT, { value: [span(0, 3, "person")] });
    page.keys("s");
    page.press("+", { code: "BracketRight" });
    expect(answer(page)).toEqual([span(0, 7, "person")]);
  });

  it("go through the spans in order and back, with a rest in between", () => {
    const page = open(TEXT, { value: [span(0, 3, "person"), span(8, 13, "place")] });
    page.keys("s");
    expect(page.status()).toBe("person: “Ada”");
    page.keys("s");
    expect(page.status()).toBe("place: “Grace”");
    page.keys("s");
    expect(page.root.querySelector(".ja-chosen")).toBeNull();
    page.keys("Shift+s");
    expect(page.status()).toBe("place: “Grace”");
  });

  it("move by line and to its ends, as laid out", () => {
    const page = open("aa bb cc  dd ee ff  gg hh ii");
    layOut((range) => {
      const before = textNodes(page).slice(0, textNodes(page).indexOf(range.startContainer as Text));
      const unit = before.reduce((sum, node) => sum + node.length, range.startOffset);
      return { left: (unit % 10) * 8, top: Math.floor(unit / 10) * 20 };
    });
    page.keys("ArrowRight", "ArrowRight", "ArrowDown");
    expect(page.status()).toBe("“ee”");
    page.keys("Shift+End");
    expect(page.status()).toBe("“ee ff”");
    page.keys("ArrowUp", "Home");
    expect(page.status()).toBe("“aa”");
    expect(page.press("ArrowUp")).toBe(false);
  });

  it("arm a label when nothing is selected, and put all down with Escape, one after the other", () => {
    const page = open();
    page.keys("1");
    expect(page.root.querySelector("[aria-pressed=true]")?.textContent).toContain("person");
    page.keys("ArrowRight", "Escape");
    expect(page.status()).toContain("person");
    page.keys("Escape");
    expect(page.press("Escape")).toBe(false);
  });

  it("leave keys of the app to the app", () => {
    const page = open();
    for (const key of ["Enter", " ", "z", "Backspace", "f", "c", "g", "w", "a", "x", "?", ",", "."]) {
      expect(page.press(key)).toBe(false);
    }
  });

  it("take digits by their place on the keyboard and act once while held down", () => {
    const page = open();
    page.keys("ArrowRight");
    page.press("&", { code: "Digit1" });
    page.press("é", { code: "Digit2", repeat: true });
    expect(answer(page)).toEqual([span(0, 3, "person")]);
  });
});

describe("the rules of the question", () => {
  it("finds an identical span instead of doubling it, without an edit", () => {
    const page = open(TEXT, { value: [span(0, 3, "person")] });
    page.keys("ArrowRight", "1");
    expect(page.draft.past).toHaveLength(0);
    expect(page.status()).toBe("person: “Ada”");
  });

  it("refuses an overlap where the question forbids it, and says so", () => {
    const page = open(TEXT, { question: { ...QUESTION, overlap: false }, value: [span(0, 7, "person")] });
    drag(page, 4, 13);
    page.press("2");
    expect(answer(page)).toEqual([span(0, 7, "person")]);
    expect(page.status()).toContain("may not overlap");
  });

  it("shows a suggestion as one, and copies it into the answer at the first edit", () => {
    const value = [span(0, 3, "person"), span(17, 25, "place")];
    const page = open(TEXT, { suggestion: { id: "p:1", value, score: 0.934, source: "model" } });
    expect(page.root.querySelectorAll("mark.ja-dashed")).toHaveLength(2);
    expect(page.status()).toContain("2 suggested, 93 %");
    expect(answer(page)).toBeNull();
    page.keys("s", "n");
    expect(answer(page)).toEqual([span(17, 25, "place")]);
    expect(page.root.querySelector(".ja-dashed")).toBeNull();
  });

  it("clears the text when the suggestion is dismissed", () => {
    const suggestion = { id: "p:1", value: [span(0, 3, "person")], score: null, source: "model" };
    const page = open(TEXT, { suggestion });
    page.redraw({ ...page.props, suggestion: null });
    expect(page.root.querySelector("mark")).toBeNull();
  });

  it("follows an undo of the app and forgets a choice that is gone", () => {
    const page = open();
    page.keys("ArrowRight", "1");
    act(() => page.draft.undo());
    expect(page.root.querySelector("mark.ja-mark")).toBeNull();
    page.keys("Delete");
    expect(answer(page)).toBeNull();
  });

  it("keeps an armed label for the next item of the same question", () => {
    const question = { ...QUESTION };
    open(TEXT, { question }).keys("2");
    const next = open("Another text", { question });
    expect(next.root.querySelector("[aria-pressed=true]")?.textContent).toContain("place");
  });
});

describe("a redrawing", () => {
  it("leaves alone what looks as before, and knows its marks where the list has changed", () => {
    const page = open(TEXT, { value: [span(17, 25, "place")] });
    const label = page.root.querySelector(".ja-mark-label") as HTMLElement;
    page.keys("ArrowRight", "1", "Escape");
    expect(answer(page)).toEqual([span(0, 3, "person"), span(17, 25, "place")]);
    expect(label.isConnected).toBe(true);
    act(() => {
      label.dispatchEvent(new FakePointerEvent("pointerdown"));
      label.dispatchEvent(new FakePointerEvent("pointerup"));
    });
    expect(page.status()).toBe("place: “New York”");
  });

  it("of a text of many blocks keeps every character, whatever is marked, moved and removed", () => {
    const text = "machines that weave patterns\n".repeat(400);
    const page = open(text, { value: [span(1990, 2100, "place"), span(5000, 9000, "person")] });
    page.keys("s", "]", "2", "Shift+]", "Escape", "ArrowLeft", "1", "Delete", "s", "s", "n");
    const shown = textNodes(page).map(({ data }) => data);
    expect(shown.join("")).toBe(text);
    expect(page.root.querySelectorAll(".ja-text-block").length).toBeGreaterThan(4);
  });

  it("marks what is not built yet, and builds what a key goes to", async () => {
    const text = "machines that weave patterns\n".repeat(10_000);
    const page = open(text, { value: [span(150_000, 150_010, "place")] });
    expect(page.root.querySelector(".ja-mark")).toBeNull();
    page.keys("ArrowLeft", "1");
    expect(answer(page)?.[1]).toEqual(span(text.length - 9, text.length - 1, "person"));
    await vi.waitFor(() => expect(page.root.querySelectorAll(".ja-mark").length).toBeGreaterThan(1), 5000);
    const shown = textNodes(page).map(({ data }) => data);
    await vi.waitFor(() =>
      expect(page.root.querySelector(".ja-spans")?.textContent?.length).toBeGreaterThan(text.length),
    );
    expect(text).toContain(shown[0]);
  });

  it("finds places between blocks and outside the text", () => {
    const text = "machines that weave patterns\n".repeat(400);
    const page = open(text);
    const host = page.root.querySelector(".ja-spans") as HTMLElement;
    act(() => {
      host.dispatchEvent(new FakePointerEvent("pointerdown"));
      getSelection()?.setBaseAndExtent(host, 1, page.root, page.root.childNodes.length);
      host.dispatchEvent(new FakePointerEvent("pointerup", { clientX: 9 }));
    });
    page.press("1");
    const [found] = answer(page) ?? [];
    const second = (host.children[0]?.textContent ?? "").length;
    expect([found?.start, found?.end]).toEqual([second, text.trimEnd().length]);
  });
});

describe("for those who do not point", () => {
  it("lists every span as a button with its label and quote, one of them a stop for Tab", () => {
    const page = open(TEXT, { value: [span(0, 3, "person"), span(8, 13, "person")] });
    const buttons = [...page.root.querySelectorAll<HTMLButtonElement>(".ja-marks-list button")];
    expect(buttons.map((button) => button.textContent)).toEqual(["person: “Ada”", "person: “Grace”"]);
    expect(buttons.map((button) => button.tabIndex)).toEqual([0, -1]);
    page.click(/Grace/);
    expect(page.status()).toBe("person: “Grace”");
    page.keys("n");
    expect(answer(page)).toEqual([span(0, 3, "person")]);
  });

  it("moves the edges by buttons too", () => {
    const page = open(TEXT, { value: [span(0, 3, "person")] });
    page.click(/Ada/);
    page.click(/Move the end on/);
    expect(answer(page)).toEqual([span(0, 7, "person")]);
  });

  it("disables no button, for a disabled one loses the focus", () => {
    const page = open();
    expect(page.root.querySelectorAll(".ja-tool[aria-disabled=true]").length).toBeGreaterThan(0);
    expect(page.root.querySelector("button:disabled")).toBeNull();
  });
});

describe("what the app asks of the question", () => {
  it("counts by label for the history", () => {
    const value = [span(0, 3, "place"), span(4, 7, "person"), span(8, 13, "person")];
    expect(spans.summary(QUESTION, value)).toBe("2 person, 1 place");
    expect(spans.summary(QUESTION, [])).toBe("none");
  });

  it("names each key once in its legend", () => {
    const keys = spans.legend(QUESTION).flatMap((row) => row.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(["1", "2", "s", "n", "[", "]", "t"]));
  });

  it("counts no spans at all as an answer and never submits by itself", () => {
    const page = open();
    page.keys("ArrowRight", "1");
    expect(spans.initial(QUESTION)).toEqual([]);
    expect(spans.complete(QUESTION, [])).toBe(true);
    expect(spans.submitsAtOnce(QUESTION, true)).toBe(false);
    expect(page.props.submit).not.toHaveBeenCalled();
  });

  it("lets go of the keys and the page when it leaves", () => {
    const page = open();
    expect(page.handlers.size).toBeGreaterThan(0);
    const [node] = placeOf(page, 0);
    page.leave();
    expect(page.handlers.size).toBe(0);
    const heard = vi.spyOn(document, "getSelection");
    document.body.append(node);
    act(() => void document.dispatchEvent(new FakePointerEvent("pointerup")));
    act(() => void document.dispatchEvent(new Event("selectionchange")));
    expect(heard).not.toHaveBeenCalled();
    node.remove();
  });
});

describe("spans in several pieces", () => {
  const VENTRICLES = "left and right ventricle";
  const question = { ...QUESTION, discontinuous: true };
  const left: SpanValue = {
    ...span(0, 24, "person"),
    fragments: [
      [0, 4],
      [15, 24],
    ],
  };
  const begin = (setting: Partial<Setting<readonly SpanValue[], SpansSpec>> = {}) =>
    open(VENTRICLES, { question, ...setting });
  const looks = ({ root }: Page) =>
    [...root.querySelectorAll(".ja-mark")].map((mark) => [
      mark.firstChild?.textContent,
      mark.classList.contains("ja-gap"),
      mark.classList.contains("ja-part"),
    ]);

  it("are made of the chosen span and what is selected then", () => {
    const page = begin();
    page.keys("ArrowRight", "1", "End");
    expect(page.status()).toBe("“ventricle”; + makes it a piece of person: “left”");
    page.keys("+");
    expect(answer(page)).toEqual([left]);
    expect(page.status()).toBe("person: “left … ventricle”");
    act(() => page.draft.undo());
    expect(answer(page)).toEqual([span(0, 4, "person")]);
  });

  it("lose a selection that is exactly a piece, and keep the last one", () => {
    const page = begin({ value: [left] });
    page.keys("s", "Home", "ArrowLeft", "ArrowLeft", "ArrowLeft", "+");
    expect(answer(page)).toEqual([span(15, 24, "person")]);
    page.keys("ArrowRight", "+");
    expect(page.status()).toBe("That is all of the span: n removes it.");
    expect(answer(page)).toEqual([span(15, 24, "person")]);
  });

  it("are drawn with a line over the gap, and one name at the last piece", () => {
    const page = begin({ value: [left] });
    expect(looks(page)).toEqual([
      ["left", false, false],
      [" and right ", true, false],
      ["ventricle", false, false],
    ]);
    expect([...page.root.querySelectorAll(".ja-spans .ja-mark-label")].map(({ textContent }) => textContent)).toEqual([
      "person",
    ]);
    page.keys("s");
    expect(looks(page).map(([, , now]) => now)).toEqual([false, false, true]);
    expect(page.root.querySelector("mark.ja-gap")).toBeNull();
  });

  it("move the edges of the piece that was clicked, else of the last", () => {
    const page = begin({ value: [left] });
    page.keys("s", "Shift+]");
    expect(answer(page)).toEqual([
      {
        ...left,
        fragments: [
          [0, 4],
          [9, 24],
        ],
      },
    ]);
    page.keys("Shift+]");
    expect(answer(page)).toEqual([span(0, 24, "person")]);
  });

  it("are chosen by any piece, not by their gaps, and by mouse it is the clicked piece that is meant", () => {
    const page = begin({ value: [left] });
    click(page, 6);
    expect(page.status()).toContain("“and”");
    click(page, 1);
    expect(page.status()).toBe("person: “left … ventricle”");
    expect(looks(page).map(([, , now]) => now)).toEqual([true, false, false]);
    page.keys("t", "[");
    expect(answer(page)?.[0]?.fragments).toEqual([
      [0, 3],
      [15, 24],
    ]);
    drag(page, 5, 8);
    page.click(/Add the selection/);
    expect(answer(page)?.[0]?.fragments).toHaveLength(3);
  });

  it("are in one piece where nothing but white space is between", () => {
    const page = begin();
    page.keys("ArrowRight", "ArrowRight", "ArrowRight", "1", "ArrowRight", "+");
    expect(answer(page)).toEqual([span(9, 24, "person")]);
  });

  it("lose the piece that edges are moved of with -", () => {
    const page = begin({ value: [left] });
    page.keys("s", "-");
    expect(answer(page)).toEqual([span(0, 4, "person")]);
    page.keys("-");
    expect(page.status()).toBe("That is all of the span: n removes it.");
    page.keys("n");
    expect(answer(page)).toEqual([]);
  });

  it("keep their pieces under another label, and grow together where pieces meet", () => {
    const page = begin({ value: [left] });
    page.keys("s", "2");
    expect(answer(page)).toEqual([{ ...left, label: "place" }]);
    page.keys("ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "Escape");
    expect(answer(page)).toEqual([{ ...left, label: "place" }]);
    const merged = begin({
      value: [
        {
          ...left,
          fragments: [
            [0, 4],
            [5, 24],
          ],
        },
      ],
    });
    merged.keys("t", "s", "Shift+]");
    expect(answer(merged)).toEqual([span(0, 24, "person")]);
  });

  it("may stand in each other's gaps where spans may not overlap", () => {
    const page = begin({ question: { ...question, overlap: false }, value: [left] });
    page.keys("ArrowRight", "ArrowRight", "2");
    expect(answer(page)).toEqual([left, span(5, 8, "place")]);
    page.keys("Escape", "ArrowLeft", "2");
    expect(page.status()).toContain("may not overlap");
  });

  it("get a piece by a button as well, and say what is missing", () => {
    const page = begin({ value: [span(0, 4, "person")] });
    page.keys("End", "+");
    expect(page.status()).toContain("Choose a span first");
    page.keys("s", "End");
    page.click(/Add the selection/);
    expect(answer(page)).toEqual([left]);
    page.click(/Take a piece out/);
    expect(answer(page)).toEqual([span(0, 4, "person")]);
  });

  it("are nowhere else", () => {
    const page = open(VENTRICLES);
    page.keys("ArrowRight", "1", "End");
    expect(page.press("+")).toBe(false);
    expect(page.root.querySelector("[aria-label*=piece]")).toBeNull();
    const keys = (spec: SpansSpec) => spans.legend(spec).flatMap((row) => row.keys);
    expect([keys(QUESTION).includes("+"), keys(question).includes("+")]).toEqual([false, true]);
    expect(new Set(keys(question)).size).toBe(keys(question).length);
  });
});
