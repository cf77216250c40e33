/** Looks that marks of every kind have in common. */

/** CSS variables of a label's colours. */
export type Look = Readonly<Record<string, string>>;

/** Dashed: a suggestion, no answer yet. */
export function paintMark({ style, classList }: HTMLElement, look: Look, dashed: boolean, chosen: boolean): void {
  for (const [name, value] of Object.entries(look)) style.setProperty(name, value);
  classList.add("ja-hue");
  classList.toggle("ja-dashed", dashed);
  classList.toggle("ja-chosen", chosen);
}
