/**
 * Components draw themselves again when a signal they read has changed, and keep what is theirs between two drawings.
 *
 * All of it on the public interfaces of Preact and signals-core: `@preact/signals` and `preact/hooks` do the same and
 * much more that is not used here (docs/adr/0008).
 */

import { effect } from "@preact/signals-core";
import { Component, type ComponentChildren, type ComponentClass, Fragment, options } from "preact";
import { remember } from "../remember";

type Stop = (() => void) | undefined;
type Props = Readonly<Record<string, unknown>>;
type Draw = (props: Props) => ComponentChildren;

/** What one component on the page keeps. */
interface Keeping {
  /** In the order in which the drawing asks for it, which is why every drawing has to ask in the same order. */
  readonly kept: unknown[];
  at: number;
  /** To be done once the drawing is in the page. */
  due: (() => void)[];
  /** To be done when the component goes. */
  readonly ends: (() => void)[];
}

let drawing!: Keeping;

/** What the first drawing of this component made. */
export function useOnce<T>(make: () => T): T {
  const { kept } = drawing;
  const at = drawing.at++;
  if (at >= kept.length) kept.push(make());
  return kept[at] as T;
}

/** Act as soon as the drawing is in the page, and anew when `causes` differ; what it returns ends the former act. */
export function useLayoutEffect(act: () => Stop, causes: readonly unknown[]): void {
  const { due, ends } = drawing;
  const own = useOnce(() => {
    const fresh: { causes?: readonly unknown[]; stop?: Stop } = {};
    ends.push(() => fresh.stop?.());
    return fresh;
  });
  if (own.causes?.every((cause, at) => cause === causes[at])) return;
  own.causes = causes;
  due.push(() => {
    own.stop?.();
    own.stop = act();
  });
}

/** The component class of a function. Same properties, same signals: same drawing, so nothing is drawn twice. */
function classOf(draw: Draw): ComponentClass<Props> {
  return class extends Component<Props> {
    readonly keeping: Keeping = { kept: [], at: 0, due: [], ends: [] };
    stop: Stop;

    override shouldComponentUpdate(next: Props): boolean {
      return Object.keys({ ...this.props, ...next }).some((name) => this.props[name] !== next[name]);
    }

    override render(props: Props): ComponentChildren {
      let drawn: ComponentChildren;
      let changed = false;
      this.stop?.();
      // The first run notes which signals are read; the next one only says that one of them has changed.
      this.stop = effect(() => {
        if (changed) {
          this.forceUpdate();
          return;
        }
        changed = true;
        drawing = this.keeping;
        drawing.at = 0;
        drawn = draw(props);
      });
      return drawn;
    }

    override componentDidMount(): void {
      const { due } = this.keeping;
      for (const act of due.splice(0)) act();
    }

    override componentDidUpdate(): void {
      this.componentDidMount();
    }

    override componentWillUnmount(): void {
      this.stop?.();
      for (const end of this.keeping.ends) end();
    }
  };
}

options.vnode = (vnode) => {
  const { type } = vnode;
  if (typeof type !== "function" || (type as unknown) === Fragment || type.prototype?.render) return;
  vnode.type = remember(type, () => classOf(type as unknown as Draw)) as typeof type;
};
