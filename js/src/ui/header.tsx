/** Progress, whether the answers are saved, and what else can be done to the item. */

import { computed } from "@preact/signals-core";
import { keyFor } from "../chosen_keys";
import { type Saving, savingOf } from "../saving";
import { Icon, type IconName } from "./icons";
import { useLate } from "./late";
import { useOnce } from "./reactive";
import { toggle, toggleSeveral, type View } from "./view";
import { number, progressInWords, savingInWords } from "./words";

const ICONS: Record<Saving, IconName> = {
  saved: "check",
  saving: "up",
  kept: "computer",
  waiting: "clock",
  unsaved: "alert",
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
  const progress = useLate(view.frames, view.queue.progress);
  const { done, skipped, total, team } = progress;
  const own = Math.min(total, done + skipped);
  const [passed, all] = team ? [team.complete, team.total] : [own, total];
  const words = progressInWords(progress);
  return (
    <>
      <div
        class="ja-progress"
        role="progressbar"
        aria-label={team ? "Progress of the team" : "Progress"}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-valuenow={passed}
        aria-valuetext={words}
      >
        <span style={{ width: `${all > 0 ? (100 * passed) / all : 0}%` }} />
      </div>
      <span class="ja-count" title={words}>
        <b>{number(team ? done : own)}</b>
        {team && ` yours · ${number(passed)}`} / {number(all)}
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
  return (
    <span class={`ja-saving ja-saving--${saving}`}>
      <Icon name={ICONS[saving]} />
      {savingInWords(saving, unsaved)}
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
  const { guidelines, keys } = view.setup.value ?? {};
  const guest = view.who.guest.value !== null;
  const bulk = view.several?.on.value ?? false;
  return (
    <div class="ja-buttons">
      {!guest && view.several && view.setup.value?.bulk && (
        <IconButton
          icon="cards"
          name={bulk ? "One item at a time" : "Several items at once"}
          letter="⇧B"
          on={bulk}
          press={() => toggleSeveral(view)}
        />
      )}
      {shown && !guest && !bulk && (
        <>
          <IconButton icon="flag" name="Flag this item" letter={keyFor(keys, "f")} on={flagged} press={view.flag} />
          <IconButton
            icon="comment"
            name="Comment on this item"
            letter={keyFor(keys, "c")}
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
          letter={keyFor(keys, "g")}
          on={panel.value === "guidelines"}
          press={() => toggle(view, "guidelines")}
        />
      )}
      <IconButton
        icon={full.value ? "small" : "full"}
        name={full.value ? "Leave the full page" : "Full page"}
        letter={keyFor(keys, "w")}
        on={full.value}
        press={() => {
          full.value = !full.peek();
        }}
      />
      {!guest && (
        <IconButton
          icon="help"
          name="Keys"
          letter={keyFor(keys, "?")}
          on={panel.value === "legend"}
          press={() => toggle(view, "legend")}
        />
      )}
    </div>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly letter: string;
  /** Left out where it is no toggle. */
  readonly on?: boolean;
  readonly dot?: boolean;
  readonly press: () => void;
}

export function IconButton({ icon, name, letter, on, dot = false, press }: IconButtonProps) {
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
