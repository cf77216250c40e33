/** The panel below: labels with their keys, one quiet line that says what is selected, and every mark as a list. */

import { type ComponentChildren, createRef } from "preact";
import { LabelButtons, percent } from "../../ui/labels";
import { useLayoutEffect, useOnce } from "../../ui/reactive";
import type { KeyHandler } from "../module";
import { type Mark, type Marks, say, sayings } from "./state";

/** Attributes beyond these have no key. */
const DIGITS = 9;

export interface MarkPanelProps<M extends Mark> {
  readonly marks: Marks<M>;
  /** What is selected now, in words; null when nothing is. */
  readonly selection: string | null;
  readonly hint: string;
  /** Tools. */
  readonly children: ComponentChildren;
  readonly apply: (label: string) => void;
  readonly register: (keys: KeyHandler) => () => void;
  readonly choose: (mark: M) => void;
  readonly describe: (mark: M) => string;
}

export function MarkPanel<M extends Mark>(props: MarkPanelProps<M>) {
  const { marks, selection, hint, children, apply, register } = props;
  const { question, armed, chosen, notice } = marks;
  return (
    <div class="ja-marks">
      <LabelButtons
        question={question}
        several={false}
        register={register}
        pressed={(label) => label === (chosen.value?.label ?? armed.value)}
        press={apply}
      />
      <div class="ja-marks-bar">
        <p class="ja-marks-status" role="status">
          {notice.value ?? selection ?? standing(marks) ?? hint}
        </p>
        <div class="ja-marks-tools">{children}</div>
      </div>
      <Attributes marks={marks} />
      <MarkList {...props} />
    </div>
  );
}

/** What the chosen mark can say beside its label. */
function Attributes<M extends Mark>({ marks }: { marks: Marks<M> }) {
  const { question, chosen } = marks;
  const all = sayings(question);
  return (
    <>
      {Object.entries(question.attributes ?? {}).map(([name, values]) => (
        <div key={name} class="ja-attribute" role="group" aria-label={name}>
          <span class="ja-attribute-name">{name}</span>
          {values.map((value) => {
            const digit = all.findIndex((each) => each[0] === name && each[1] === value) + 1;
            return (
              <button
                key={value}
                type="button"
                class="ja-saying"
                aria-pressed={chosen.value?.attributes?.[name] === value}
                aria-disabled={!chosen.value}
                onClick={() => say(marks, name, value)}
              >
                {digit <= DIGITS && <kbd class="ja-key">⇧{digit}</kbd>} {value}
              </button>
            );
          })}
        </div>
      ))}
    </>
  );
}

function standing<M extends Mark>({ suggested, suggestion, armed }: Marks<M>): string | null {
  const { value } = suggestion;
  if (suggested.value && value)
    return `${value.value.length} suggested${percent(value, ", ")}: a accepts, x dismisses, any edit corrects.`;
  return armed.value === null ? null : `New marks become ${armed.value}.`;
}

/** Out of sight until it has the focus: the same marks for those who do not see or point at them. One stop for Tab. */
function MarkList<M extends Mark>({ marks, choose, describe }: MarkPanelProps<M>) {
  const list = useOnce(createRef<HTMLUListElement>);
  const all = marks.shown.value;
  const at = (all as readonly (M | null)[]).indexOf(marks.chosen.value);
  useLayoutEffect(() => {
    if (list.current?.matches(":focus-within")) list.current.querySelectorAll("button")[at]?.focus();
  }, [all, marks.chosen.value]);
  if (!all.length) return null;
  return (
    <ul class="ja-marks-list" ref={list} aria-label={`Marked: ${all.length}`}>
      {all.map((mark, index) => (
        <li key={index}>
          <button
            type="button"
            tabIndex={index === Math.max(0, at) ? 0 : -1}
            aria-pressed={mark === marks.chosen.value}
            onClick={() => choose(mark)}
          >
            {describe(mark)}
            {mark.attributes && ` (${Object.values(mark.attributes).join(", ")})`}
          </button>
        </li>
      ))}
    </ul>
  );
}

export interface ToolProps {
  readonly name: string;
  readonly off?: boolean;
  readonly pressed?: boolean;
  readonly press: () => void;
  readonly children: ComponentChildren;
}

/** A small button. Never disabled: a disabled one would lose the focus, and the next key with it. */
export function Tool({ name, off = false, pressed, press, children }: ToolProps) {
  return (
    <button
      type="button"
      class="ja-tool"
      aria-label={name}
      title={name}
      aria-disabled={off}
      aria-pressed={pressed}
      onClick={() => off || press()}
    >
      {children}
    </button>
  );
}
