/** One view: what it shows, what its keys do, and how it sits in the page. */

import { effect } from "@preact/signals-core";
import { render } from "preact";
import { meant } from "./chosen_keys";
import { FOREIGN, isOwned, isTextInput, keyName, latinLetter, ownKeys } from "./keymap";
import { listen, type Stop, together } from "./listen";
import { MODES } from "./modes";
import type { KeyHandler } from "./questions/module";
import { savingOf } from "./saving";
import type { Sitting } from "./sitting";
import { watchSwipes } from "./swipe";
import { watchTheme } from "./theme";
import { Actions } from "./ui/actions";
import { Ask } from "./ui/ask";
import { Page } from "./ui/content";
import { Header } from "./ui/header";
import { History } from "./ui/history";
import { Notice, Notices } from "./ui/notices";
import { CommentBox, Side } from "./ui/side";
import { Blank } from "./ui/states";
import { FIELD_KEYS, newView, type PageView, release, takeFocus, toggle, toggleSeveral, type View } from "./ui/view";
import "./theme.css";

/** The second click of a double click this soon after another item appeared was meant for the one before. */
const DOUBLE = 400;

function App({ view }: { view: View }) {
  const { asking, guest } = view.who;
  if (asking.value)
    return (
      <div class="ja-main">
        <Ask view={view} asking={asking.value} />
        <Notices view={view} />
      </div>
    );
  const own = guest.value === null;
  return (
    <>
      <Header view={view} />
      <div class="ja-middle">
        <Side view={view} />
        <div class="ja-main">
          {!own && <Whose view={view} />}
          <Stage view={view} />
          {own && !view.several?.on.value && (
            <>
              <Actions view={view} />
              <CommentBox view={view} />
            </>
          )}
          <Notices view={view} />
        </div>
      </div>
      {own && <Footer view={view} />}
    </>
  );
}

/** Another person's widget, which this one may look at. */
function Whose({ view }: { view: View }) {
  return (
    <Notice icon="guide">
      <b>{view.setup.value?.annotator.id}</b> labels here; you are {view.who.guest.value} and can look on. To label
      yourself, open a copy of this notebook and run it.
    </Notice>
  );
}

function Footer({ view }: { view: View }) {
  return (
    <div class="ja-footer">
      {!view.several?.on.value && <History view={view} />}
      <p class="ja-hint">
        <span class="ja-hint-on">
          keys active · <kbd class="ja-key">?</kbd> shows them
        </span>
        <span class="ja-hint-off">click to use keys</span>
      </p>
    </div>
  );
}

function Stage({ view }: { view: View }) {
  const { queue, sheet } = view;
  const Several = MODES.bulk?.Stage;
  if (Several && view.several?.on.value) return <Several view={view} />;
  const item = queue.displayed.value;
  const phase = queue.phase.value;
  if (item && sheet.value) return <Page view={view} item={item} sheet={sheet.value} />;
  return <Blank view={view} phase={phase === "item" ? "loading" : phase} />;
}

// ------------------------------------------------------------------------------------------ keys

type Act = (view: View, ev: KeyboardEvent) => void;

/** The form that is filled in: of one item, or of several. */
const pageOf = (view: View): Pick<PageView, "due" | "active"> => (view.several?.on.peek() ? view.several : view);

const switchQuestion =
  (step: 1 | -1): Act =>
  (view) => {
    const { due, active } = pageOf(view);
    const names = due.peek().map(({ name }) => name);
    const at = names.indexOf(active.peek());
    active.value = names[(at + step + names.length) % names.length] ?? "";
  };

const previous: Act = (view) => view.previous();
const next: Act = (view) => view.next();
const undo: Act = (view, ev) => (ev.shiftKey && ev.key !== "Backspace" ? view.redo() : view.undo());

/** Held down these would go through one item after another. */
const ONCE: Readonly<Record<string, Act>> = {
  Enter: (view) => view.submit(),
  " ": (view) => view.skip(),
  a: (view) => view.accept(),
  x: (view) => view.dismiss(),
  z: undo,
  Backspace: undo,
  f: (view) => view.flag(),
  c: (view, ev) => (ev.shiftKey ? view.copy() : toggle(view, "comment")),
  g: (view) => toggle(view, "guidelines"),
  w: (view) => {
    view.full.value = !view.full.peek();
  },
  "?": (view) => toggle(view, "legend"),
};

const REPEATED: Readonly<Record<string, Act>> = {
  ",": previous,
  ".": next,
  ArrowLeft: previous,
  ArrowRight: next,
};

const AMONG_QUESTIONS: Readonly<Record<string, Act>> = {
  ArrowUp: switchQuestion(-1),
  ArrowDown: switchQuestion(1),
  // On an image the arrows draw: without these nobody gets from there to the next question by keyboard.
  PageUp: switchQuestion(-1),
  PageDown: switchQuestion(1),
};

const activeHandlers = (view: View): KeyHandler[] => {
  const { queue, handlers, several } = view;
  const there = several?.on.peek() ? several.isFilled() : queue.displayed.peek() !== null;
  const name = pageOf(view).active.peek();
  return there ? [name, FIELD_KEYS].flatMap((each) => [...(handlers.get(each) ?? [])]) : [];
};

function stepBack(view: View): void {
  if (view.panel.peek() !== null) view.panel.value = null;
  else if (view.full.peek()) view.full.value = false;
  else if (!view.several?.pickNone()) release(view.root);
}

/** Bring the question the keys now go to into sight. */
const reveal = ({ root }: View): void =>
  queueMicrotask(() => root.querySelector(".ja-question--active")?.scrollIntoView?.({ block: "nearest" }));

/** What a guest may do: read. */
const READING = /^[gw]$/;

/** The form asks for a name, or this is another person's widget: its keys do nothing. */
const isOff = ({ who }: View, name: string): boolean =>
  name !== "Escape" && (who.asking.peek() !== null || (who.guest.peek() !== null && !READING.test(name)));

/** What goes on working where there are several items. */
const IN_BULK = /^(?:[gw?]|Page(?:Up|Down))$/;

function actOf(view: View, ev: KeyboardEvent): Act | undefined {
  const { keys, bulk } = view.setup.peek() ?? {};
  const name = meant(keys, keyName(ev));
  if (name === "b" && ev.shiftKey && bulk) return ev.repeat ? undefined : toggleSeveral;
  if (!view.several?.on.peek()) return itemAct(view, ev, name);
  return MODES.bulk?.act(view, name, ev) ?? (IN_BULK.test(name) ? itemAct(view, ev, name) : undefined);
}

function itemAct(view: View, ev: KeyboardEvent, name: string): Act | undefined {
  const latin = meant(view.setup.peek()?.keys, latinLetter(ev));
  const once = ev.repeat ? undefined : (ONCE[name] ?? ONCE[latin]);
  return once ?? REPEATED[name] ?? (pageOf(view).due.peek().length > 1 ? AMONG_QUESTIONS[name] : undefined);
}

function press(view: View, ev: KeyboardEvent): boolean {
  const name = keyName(ev);
  if (isOff(view, name)) return false;
  view.touch("key");
  if (name === "Escape" && view.root.querySelector(`${FOREIGN}:focus-within`)) {
    takeFocus(view);
    return true;
  }
  if (name === "Escape" && view.panel.peek() !== null) {
    stepBack(view);
    return true;
  }
  if (activeHandlers(view).some((handler) => handler.handle(ev))) return true;
  if (name === "Escape") {
    stepBack(view);
    return true;
  }
  const { active } = pageOf(view);
  const before = active.peek();
  const act = actOf(view, ev);
  act?.(view, ev);
  if (active.peek() !== before) reveal(view);
  return act !== undefined;
}

// ----------------------------------------------------------------------------------------- place

/** What has the focus, in or outside a shadow root. */
const focusOf = (root: HTMLElement): Element | null => (root.getRootNode() as Document | ShadowRoot).activeElement;

/** The whole page: in the top layer where the browser has one, for ancestors may confine what is only fixed. */
function setFull(root: HTMLElement, full: boolean): void {
  const holder = root.parentElement;
  if (holder) holder.style.minHeight = full ? `${root.offsetHeight}px` : "";
  root.classList.toggle("ja-root--full", full);
  if (typeof root.showPopover !== "function") return;
  if (full) {
    root.setAttribute("popover", "manual");
    root.showPopover();
  } else if (root.hasAttribute("popover")) {
    root.hidePopover();
    root.removeAttribute("popover");
  }
}

function newRoot(): HTMLElement {
  const root = document.createElement("div");
  root.className = "ja-root";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Annotation");
  return root;
}

/** Keep the data attributes true; tests and style sheets read them. */
function mirror(view: View): Stop[] {
  const { root, full } = view;
  return [
    effect(() => {
      root.dataset.jaStatus = savingOf(view);
      root.dataset.jaUnsaved = String(view.unsaved());
    }),
    effect(() => {
      root.dataset.jaSerial = String(view.queue.serial.value);
    }),
    effect(() => {
      const name = view.setup.value?.name;
      if (name) root.setAttribute("aria-label", `Annotation of ${name}`);
    }),
    effect(() => {
      const now = full.value;
      if (now === root.classList.contains("ja-root--full")) return;
      const focused = root.contains(focusOf(root));
      setFull(root, now);
      if (focused) root.focus({ preventScroll: true });
    }),
    watchTheme((theme) => {
      root.dataset.jaTheme = theme;
    }),
  ];
}

/** The pointer: which kind it is, who gets the focus, and which click counts. */
function watchPointer(view: View): Stop {
  const { root } = view;
  const down = (ev: PointerEvent): void => view.touch(ev.pointerType === "touch" ? "touch" : "pointer");
  // A button that takes the focus and is then replaced drops it to the page, and the next key is lost.
  const grab = (ev: MouseEvent): void => {
    const target = ev.composedPath()[0];
    if (isTextInput(target)) return;
    if (target instanceof Element && target.closest("button")) ev.preventDefault();
    takeFocus(view);
  };
  const click = (ev: MouseEvent): void => {
    if (ev.detail < 2 || view.shownFor() > DOUBLE) return;
    ev.stopPropagation();
    ev.preventDefault();
  };
  return together([
    listen(root, "pointerdown", down, true),
    listen(root, "mousedown", grab),
    listen(root, "click", click, true),
  ]);
}

/** Before a page with the focus in it is replaced, the root takes the focus. */
function keepFocus(view: View): () => void {
  return effect(() => {
    const { serial } = view.queue;
    if (serial.value < 0) return;
    const focused = focusOf(view.root);
    if (focused && focused !== view.root && view.root.contains(focused)) takeFocus(view);
  });
}

/** Show a sitting in an element; returns the function that removes every trace. */
export function mount(sitting: Sitting, el: HTMLElement): () => void {
  const root = newRoot();
  el.append(root);
  const view = newView(sitting, root);
  const stop = together([
    ...mirror(view),
    ownKeys(root, { owns: isOwned, handle: (ev) => press(view, ev) }),
    watchPointer(view),
    watchSwipes(root, (step) => {
      if (!view.several?.on.peek()) (step > 0 ? view.next : view.previous)();
    }),
    keepFocus(view),
    sitting.enter(),
    () => view.several?.close(),
  ]);
  render(<App view={view} />, root);
  return () => {
    stop();
    render(null, root);
    root.remove();
  };
}
