/** What shows one field of an item. */

import type { ComponentType } from "preact";
import type { BlobSource, KeyHandler, LegendRow } from "../questions/module";

export interface FieldProps {
  /** The field's value in the item. */
  value: unknown;
  name: string;
  title: string | null;
  blobs: BlobSource;
  /** Keys that the active question has no use for. */
  register(keys: KeyHandler): () => void;
}

export interface FieldModule {
  readonly kind: string;
  readonly View: ComponentType<FieldProps>;
  /** How it looks as one of many, where that is more than the same in less room. */
  readonly Small?: ComponentType<FieldProps>;
  /** It keeps nothing of the value it shows: it may stay in the page and show the next one. */
  readonly lasting?: true;
  /** It is nothing to look at: no place is kept for it. */
  readonly hidden?: true;
  readonly legend?: readonly LegendRow[];
}
