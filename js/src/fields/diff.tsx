/** Two texts and what differs: side by side, or as one text with its changes where it is narrow. */

import { type Part, wordDiff } from "../text/diff";
import { Changes } from "../ui/changes";
import "./diff.css";
import type { FieldModule, FieldProps } from "./module";

interface Sides {
  readonly names: readonly [string, string];
  readonly texts: readonly [string, string];
}

function Side({ name, parts, without }: { name: string; parts: readonly Part[]; without: Part["kind"] }) {
  return (
    <section class="ja-diff-side" aria-label={name}>
      <p class="ja-diff-name">{name}</p>
      <p class="ja-changes" dir="auto">
        {parts
          .filter(({ kind }) => kind !== without)
          .map(({ kind, text }, index) => {
            if (kind === "same") return <span key={index}>{text}</span>;
            return kind === "added" ? <ins key={index}>{text}</ins> : <del key={index}>{text}</del>;
          })}
      </p>
    </section>
  );
}

function DiffView({ value }: FieldProps) {
  const { names, texts } = (value ?? { names: ["", ""], texts: ["", ""] }) as Sides;
  const parts = wordDiff(texts[0], texts[1]);
  return (
    <div class="ja-diff">
      <div class="ja-diff-sides">
        <Side name={names[0]} parts={parts} without="added" />
        <Side name={names[1]} parts={parts} without="removed" />
      </div>
      <div class="ja-diff-one">
        <p class="ja-diff-name">{`${names[0]} → ${names[1]}`}</p>
        <Changes before={texts[0]} after={texts[1]} />
      </div>
    </div>
  );
}

export const diff: FieldModule = { kind: "diff", View: DiffView };
