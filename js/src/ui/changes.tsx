/** A text with what was removed and added in it: struck out and underlined, not by colour alone. */

import { wordDiff } from "../text/diff";
import "./changes.css";

export function Changes({ before, after }: { before: string; after: string }) {
  return (
    <p class="ja-changes">
      {wordDiff(before, after).map(({ kind, text }, index) => {
        if (kind === "same") return <span key={index}>{text}</span>;
        return kind === "added" ? <ins key={index}>{text}</ins> : <del key={index}>{text}</del>;
      })}
    </p>
  );
}
