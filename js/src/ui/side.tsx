/** What opens on demand: guidelines, the legend of keys, the comment. */

import { createRef } from "preact";
import { keyFor } from "../chosen_keys";
import { FIELDS } from "../fields";
import { MODES } from "../modes";
import type { Setup } from "../protocol";
import { QUESTIONS } from "../questions";
import { type LegendRow, row } from "../questions/module";
import { Button } from "./button";
import { IconButton } from "./header";
import { Markdown } from "./markdown";
import { useLayoutEffect, useOnce } from "./reactive";
import { takeFocus, toggle, type View } from "./view";

const APP_KEYS: readonly LegendRow[] = [
  row("submit; a suggestion nobody touched is accepted", "Enter"),
  row("accept the suggestions and submit", "a"),
  row("dismiss the suggestion, or bring it back", "x"),
  row("skip this item", "Space"),
  row("take back the last edit, then the last decision", "z", "Backspace"),
  row("redo an edit", "Z"),
  row("previous and next item", ",", "."),
  row("another question; ↑ ↓ too", "PgUp", "PgDn"),
  row("flag, comment", "f", "c"),
  row("copy the answers to the item before", "⇧C"),
];

const VIEW_KEYS: readonly LegendRow[] = [
  row("guidelines, full page, this list", "g", "w", "?"),
  row("close, then give the keys back to the notebook", "Esc"),
];

const SEVERAL = row("several items at once", "⇧B");

/** The keys as they are now. */
const rowsOf = (setup: Setup | null, bulk: boolean): readonly LegendRow[] =>
  [...(bulk ? [] : APP_KEYS), ...(setup?.bulk && !bulk ? [SEVERAL] : []), ...VIEW_KEYS].map(({ keys, text }) => ({
    text,
    keys: keys.map((key) => keyFor(setup?.keys, key === "Space" ? " " : key)),
  }));

const UNSURE = row("cannot tell, or not after all", "u");

export function Side({ view }: { view: View }) {
  const name = view.panel.value;
  const guidelines = view.setup.value?.guidelines;
  if (name === "legend") return <Legend view={view} />;
  if (name !== "guidelines" || !guidelines) return null;
  return (
    <Sheet view={view} title="Guidelines">
      <div class="ja-prose ja-guidelines">
        <Markdown source={guidelines} />
      </div>
    </Sheet>
  );
}

function Sheet({ view, title, children }: { view: View; title: string; children: preact.ComponentChildren }) {
  return (
    <section class="ja-sheet" aria-label={title}>
      <IconButton
        icon="close"
        name="Close"
        letter="Esc"
        press={() => {
          takeFocus(view);
          view.panel.value = null;
        }}
      />
      {children}
    </section>
  );
}

function Legend({ view }: { view: View }) {
  const questions = view.questions.value;
  const bulk = view.several?.on.value ?? false;
  return (
    <Sheet view={view} title="Keys">
      <div class="ja-legend">
        {questions.map((question) => (
          <Rows
            key={question.name}
            title={question.title ?? question.name}
            rows={[...(QUESTIONS[question.kind]?.legend(question) ?? []), ...(question.cannot_tell ? [UNSURE] : [])]}
          />
        ))}
        {bulk && <Rows title="Several items at once" rows={MODES.bulk?.legend ?? []} />}
        {view.setup.value?.schema.fields.map(
          ({ kind, name, title }) =>
            FIELDS[kind]?.legend && <Rows key={name} title={title ?? name} rows={FIELDS[kind].legend} />,
        )}
        <Rows title="Everywhere" rows={rowsOf(view.setup.value, bulk)} />
      </div>
    </Sheet>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly LegendRow[] }) {
  return (
    <div class="ja-legend-part" role="group" aria-label={title}>
      <p class="ja-h ja-h--3">{title}</p>
      <dl>
        {rows.map(({ keys, text }) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd class="ja-key" key={key}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function CommentBox({ view }: { view: View }) {
  const box = useOnce(createRef<HTMLTextAreaElement>);
  const { panel } = view;
  const open = panel.value === "comment";
  const item = open ? view.queue.displayed.value : null;
  useLayoutEffect(() => {
    if (open) box.current?.focus({ preventScroll: true });
  }, [open]);
  if (!item) return null;
  const keep = (): void => view.comment(box.current?.value.trim() ?? "");
  const close = (): void => {
    takeFocus(view);
    panel.value = null;
  };
  return (
    // The root does not take the focus when a button in here is pressed: only who goes elsewhere has left the box.
    <div class="ja-comment" role="group" aria-label="Comment" onMouseDown={(ev) => ev.stopPropagation()}>
      <textarea
        ref={box}
        key={item.item}
        rows={2}
        aria-label="Comment on this item"
        placeholder="What is special about this item?"
        defaultValue={item.comment ?? ""}
        onKeyDown={(ev) => {
          ev.stopPropagation();
          if (ev.isComposing) return;
          if (ev.key === "Escape") {
            ev.currentTarget.value = item.comment ?? "";
            close();
          }
          if (ev.key === "Enter" && !ev.shiftKey) {
            ev.preventDefault();
            close();
          }
        }}
        onBlur={(ev) => {
          const inside = ev.currentTarget.parentElement?.contains(ev.relatedTarget as Node | null);
          // By the time another tab's answer has replaced the item, this is no comment on what is shown.
          if (!inside && view.queue.displayed.peek()?.item === item.item) keep();
        }}
      />
      <Button
        press={() => {
          keep();
          close();
        }}
      >
        Keep
      </Button>
      <Button press={() => toggle(view, "comment")}>Cancel</Button>
    </div>
  );
}
