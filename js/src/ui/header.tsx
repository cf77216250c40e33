/** Progress, whether the answers are saved, and what else can be done to the item. */

import { computed } from "@preact/signals-core";
import { type Saving, savingOf } from "../saving";
import { Icon, type IconName } from "./icons";
import { useLate } from "./late";
import { useOnce } from "./reactive";
import { toggle, type View } from "./view";

const WORDS: Record<Saving, { icon: IconName; text: (n: number) => string }> = {
  saved: { icon: "check", text: () => "Saved" },
  saving: { icon: "up", text: (n) => (n > 1 ? `Saving ${n}` : "Saving") },
  waiting: { icon: "clock", text: () => "Waiting for the kernel…" },
  unsaved: { icon: "alert", text: (n) => `${n} not saved` },
};

export function Header({ view }: { view: View }) {
  return (
    <div class="ja-header">
      <Progress view={view} />
      <SaveState view={view} />
      <Who view={view} />
      <Buttons view={view} />
    </div>
  );
}

function Progress({ view }: { view: View }) {
  const { done, skipped, total } = useLate(view.frames, view.queue.progress);
  const passed = Math.min(total, done + skipped);
  return (
    <>
      <div
        class="ja-progress"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={passed}
        aria-valuetext={`${done} answered, ${skipped} skipped of ${total}`}
      >
        <span style={{ width: `${total > 0 ? (100 * passed) / total : 0}%` }} />
      </div>
      <span class="ja-count">
        <b>{passed}</b> / {total}
      </span>
    </>
  );
}

/** Whose answers these will be: two widgets of two people look alike otherwise. */
function Who({ view }: { view: View }) {
  const id = view.setup.value?.annotator.id;
  return id && <span class="ja-who">{id}</span>;
}

function SaveState({ view }: { view: View }) {
  const state = useOnce(() => computed(() => ({ saving: savingOf(view), unsaved: view.unsaved() })));
  const { saving, unsaved } = useLate(view.frames, state);
  const { icon, text } = WORDS[saving];
  return (
    <span class={`ja-saving ja-saving--${saving}`}>
      <Icon name={icon} />
      {text(unsaved)}
    </span>
  );
}

function Buttons({ view }: { view: View }) {
  const { panel, full } = view;
  // Drawn again only when one of these differs, not with every item.
  const { displayed } = view.queue;
  const shown = useOnce(() => computed(() => displayed.value !== null)).value;
  const flagged = useOnce(() => computed(() => displayed.value?.flagged ?? false)).value;
  const commented = useOnce(() => computed(() => (displayed.value?.comment ?? null) !== null)).value;
  const guidelines = view.setup.value?.guidelines;
  return (
    <div class="ja-buttons">
      {shown && (
        <>
          <IconButton icon="flag" name="Flag this item" letter="f" on={flagged} press={view.flag} />
          <IconButton
            icon="comment"
            name="Comment on this item"
            letter="c"
            on={panel.value === "comment"}
            dot={commented}
            press={() => toggle(view, "comment")}
          />
        </>
      )}
      {guidelines && (
        <IconButton
          icon="guide"
          name="Guidelines"
          letter="g"
          on={panel.value === "guidelines"}
          press={() => toggle(view, "guidelines")}
        />
      )}
      <IconButton
        icon={full.value ? "small" : "full"}
        name={full.value ? "Leave the full page" : "Full page"}
        letter="w"
        on={full.value}
        press={() => {
          full.value = !full.peek();
        }}
      />
      <IconButton
        icon="help"
        name="Keys"
        letter="?"
        on={panel.value === "legend"}
        press={() => toggle(view, "legend")}
      />
    </div>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly letter: string;
  readonly on: boolean;
  readonly dot?: boolean;
  readonly press: () => void;
}

function IconButton({ icon, name, letter, on, dot = false, press }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`ja-button${dot ? " ja-button--dot" : ""}`}
      aria-label={name}
      aria-pressed={on}
      title={`${name} (${letter})`}
      onClick={press}
    >
      <Icon name={icon} />
    </button>
  );
}
