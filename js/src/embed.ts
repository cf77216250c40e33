/** Showing another widget's view inside ours: what the host of anywidget offers, and what Lumino expects. */

import type { Stop } from "./listen";

interface Part {
  processMessage?(message: unknown): void;
}

interface ChildView {
  readonly el: HTMLElement;
  readonly luminoWidget?: Part;
  readonly pWidget?: Part;
  trigger?(name: string): void;
  remove(): void;
}

export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<ChildView>;
}

/** A message of Lumino's, which widgets wait for before they draw. */
const message = (type: string) => ({ type, isConflatable: false, conflate: () => false });

/** Put a view of a model into the page; returns what takes it out again. */
export async function embed(manager: WidgetManager | undefined, id: string, el: HTMLElement): Promise<Stop> {
  if (!manager) throw new Error("this host shows no widgets inside others; use JupyterLab or Notebook 7.");
  const view = await manager.create_view(await manager.get_model(id));
  const part = view.luminoWidget ?? view.pWidget;
  part?.processMessage?.(message("before-attach"));
  el.append(view.el);
  part?.processMessage?.(message("after-attach"));
  return () => {
    part?.processMessage?.(message("before-detach"));
    view.el.remove();
    part?.processMessage?.(message("after-detach"));
    view.remove();
  };
}
