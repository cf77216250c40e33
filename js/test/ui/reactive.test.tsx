// @vitest-environment jsdom
import { signal } from "@preact/signals-core";
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useLayoutEffect, useOnce } from "../../src/ui/reactive";

let root: HTMLElement;

const show = (what: preact.ComponentChild): void => void act(() => render(what, root));
const change = (what: () => void): void => void act(what);

beforeEach(() => {
  root = document.createElement("div");
});

describe("a component that reads a signal", () => {
  it("draws itself again when the signal has changed, and no other component does", () => {
    const count = signal(0);
    const drawn = vi.fn();
    const Count = ({ name }: { name: string }) => {
      drawn(name);
      return <p>{count.value}</p>;
    };
    const Still = () => {
      drawn("still");
      return <Count name="inner" />;
    };
    show(<Still />);
    change(() => {
      count.value = 1;
    });
    expect(root.textContent).toBe("1");
    expect(drawn.mock.calls.flat()).toEqual(["still", "inner", "inner"]);
  });

  it("draws itself in the turn of the change, before anything can be painted", async () => {
    const count = signal(0);
    const Count = () => <p>{count.value}</p>;
    render(<Count />, root);
    count.value = 1;
    await Promise.resolve();
    expect(root.textContent).toBe("1");
  });

  it("is not drawn again with the same properties, but is with another or one less", () => {
    const drawn = vi.fn();
    const Named = ({ name }: { name?: string }) => {
      drawn(name);
      return <p>{name}</p>;
    };
    for (const name of ["a", "a", "b"]) show(<Named name={name} />);
    show(<Named />);
    expect(drawn.mock.calls.flat()).toEqual(["a", "b", undefined]);
  });

  it("listens only to what its last drawing read, and to nothing once it is gone", () => {
    const which = signal(true);
    const [one, other] = [signal("one"), signal("other")];
    const drawn = vi.fn();
    const Either = () => {
      drawn();
      return <p>{which.value ? one.value : other.value}</p>;
    };
    show(<Either />);
    change(() => {
      which.value = false;
    });
    change(() => {
      one.value = "changed";
    });
    expect(drawn).toHaveBeenCalledTimes(2);
    change(() => {
      other.value = "changed";
    });
    expect(root.textContent).toBe("changed");
    show(null);
    change(() => {
      other.value = "unseen";
    });
    expect(drawn).toHaveBeenCalledTimes(3);
  });

  it("survives a drawing that fails", () => {
    const bad = signal(true);
    const Moody = () => {
      if (bad.value) throw new Error("not now");
      return <p>fine</p>;
    };
    expect(() => render(<Moody />, root)).toThrow("not now");
    bad.value = false;
    show(null);
    show(<Moody />);
    expect(root.textContent).toBe("fine");
  });
});

describe("what a component keeps", () => {
  it("is made once for each, in its own place", () => {
    const make = vi.fn((name: string) => ({ name }));
    const Two = ({ now }: { now: number }) => {
      const [first, second] = [useOnce(() => make("first")), useOnce(() => make("second"))];
      return <p>{`${first.name} ${second.name} ${now}`}</p>;
    };
    const both = (now: number) => (
      <>
        <Two now={now} />
        <Two now={now} />
      </>
    );
    show(both(1));
    show(both(2));
    expect(root.textContent).toBe("first second 2first second 2");
    expect(make).toHaveBeenCalledTimes(4);
  });
});

describe("an act after drawing", () => {
  it("finds the drawing in the page, is ended before the next and when the component goes", () => {
    const said: string[] = [];
    const Acting = ({ cause, other }: { cause: string; other: number }) => {
      useLayoutEffect(() => {
        said.push(`${cause}: ${root.textContent}`);
        return () => said.push(`end of ${cause}`);
      }, [cause]);
      return <p>{other}</p>;
    };
    show(<Acting cause="a" other={1} />);
    show(<Acting cause="a" other={2} />);
    show(<Acting cause="b" other={3} />);
    show(null);
    expect(said).toEqual(["a: 1", "end of a", "b: 3", "end of b"]);
  });
});
