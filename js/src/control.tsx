/** One question about one item as a widget of its own: the answer is a trait, there is no queue and no log. */

import { computed, effect, signal } from "@preact/signals-core";
import { render } from "preact";
import { openBlobs } from "./blobs";
import { type ControlModel, openTraits } from "./control_model";
import { openSheet, type Sheet } from "./drafts";
import { askedOf } from "./gather";
import { isOwned, keyName, ownKeys } from "./keymap";
import { listen, together } from "./listen";
import { ofItem } from "./options";
import { type Item, labelled } from "./protocol";
import type { KeyHandler } from "./questions/module";
import { watchTheme } from "./theme";
import { Page } from "./ui/content";
import { Notice } from "./ui/notices";
import { FIELD_KEYS, release } from "./ui/view";
import "./theme.css";

type Control = ReturnType<typeof openControl>;

function openControl(model: ControlModel) {
  const blobs = openBlobs((blob) => traits.ask(blob));
  const traits = openTraits(model, {
    changed: () => {
      problem.value = traits.problem();
      // Our own edit comes back as it went.
      if (JSON.stringify(traits.draft()) !== JSON.stringify(answer())) fill();
    },
    media: blobs.take,
  });
  const { fields, schema, item: id = "" } = traits.shown;
  const [question] = schema.questions;
  const name = question?.name ?? "";
  const item: Item = {
    item: id,
    hash: "",
    number: 1,
    status: "open",
    fields,
    prelabels: {},
    flagged: false,
    comment: null,
  };
  const setup = signal(labelled({ schema }));
  const questions = computed(() => ofItem(setup.value.schema.questions, () => item));
  const problem = signal(traits.problem());
  const serial = signal(1);
  const sheet = signal<Sheet>(newSheet());
  blobs.prefetch(item);

  function answer(): unknown {
    return sheet.peek().draft(name).value.peek();
  }

  function newSheet(): Sheet {
    return openSheet(item, { [name]: traits.draft() }, undefined, () => traits.keep(answer()));
  }

  /** Show what Python set; what was done before cannot be undone any more. */
  function fill(): void {
    sheet.value = newSheet();
    serial.value++;
  }

  return {
    item,
    sheet,
    problem,
    setup,
    questions,
    due: computed(() => askedOf(questions.value, item, sheet.value)),
    active: signal(name),
    queue: { serial },
    who: { guest: signal<string | null>(null) },
    blobs,
    annotator: () => "",
    submit: (): void => undefined,
    close(): void {
      traits.close();
      blobs.close();
    },
  };
}

type ControlView = Control & { readonly handlers: Map<string, Set<KeyHandler>> };

function Content({ view }: { view: ControlView }) {
  const { serial } = view.queue;
  return (
    <div class="ja-main">
      {serial.value > 0 && <Page view={view} item={view.item} sheet={view.sheet.value} />}
      {view.problem.value && <Notice icon="alert">{view.problem.value}</Notice>}
    </div>
  );
}

function press({ sheet, handlers, active }: ControlView, root: HTMLElement, ev: KeyboardEvent): boolean {
  const registered = [active.peek(), FIELD_KEYS].flatMap((name) => [...(handlers.get(name) ?? [])]);
  if (registered.some((handler) => handler.handle(ev))) return true;
  switch (keyName(ev)) {
    case "z":
      return ev.shiftKey ? sheet.peek().redo() : sheet.peek().undo();
    case "Z":
      return sheet.peek().redo();
    case "Backspace":
      return sheet.peek().undo();
    case "Escape":
      release(root);
      return true;
    default:
      return false;
  }
}

function mount(control: Control, el: HTMLElement): () => void {
  const root = document.createElement("div");
  root.className = "ja-root ja-root--control";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  el.append(root);
  const view: ControlView = { ...control, handlers: new Map<string, Set<KeyHandler>>() };
  const stop = together([
    ownKeys(root, { owns: isOwned, handle: (ev) => press(view, root, ev) }),
    listen(root, "mousedown", (ev) => {
      const target = ev.composedPath()[0];
      if (target instanceof Element && target.closest("input, textarea, select")) return;
      if (target instanceof Element && target.closest("button")) ev.preventDefault();
      root.focus({ preventScroll: true });
    }),
    effect(() => {
      const [question] = view.questions.value;
      root.setAttribute("aria-label", question?.title ?? question?.name ?? "");
      root.classList.toggle("ja-root--untitled", !question?.title);
    }),
    watchTheme((theme) => {
      root.dataset.jaTheme = theme;
    }),
  ]);
  render(<Content view={view} />, root);
  return () => {
    stop();
    render(null, root);
    root.remove();
  };
}

interface Context {
  readonly model: ControlModel;
  readonly signal?: AbortSignal;
}

export default () => {
  let control: Control | null = null;
  return {
    initialize({ model }: Context): () => void {
      const opened = openControl(model);
      control = opened;
      return opened.close;
    },
    render({ model, el }: Context & { readonly el: HTMLElement }): () => void {
      control ??= openControl(model);
      return mount(control, el);
    },
  };
};
