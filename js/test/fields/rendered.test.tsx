import { render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import { embed } from "../../src/embed";
import { rendered as field } from "../../src/fields/rendered";

function shown(
  blobs: { embed?: (blob: string, el: HTMLElement) => Promise<() => void> },
  value: unknown = { blob: "i/f" },
) {
  const root = document.createElement("div");
  const all = { ready: () => null, url: () => Promise.reject(new Error("not asked")), ...blobs };
  act(() =>
    render(<field.View value={value} name="f" title="Plot" blobs={all} register={() => () => undefined} />, root),
  );
  return root;
}

describe("rendered", () => {
  it("shows a widget of the kernel, and takes it out when it goes", async () => {
    const stop = vi.fn();
    const root = shown({
      embed: async (blob, el) => {
        el.textContent = blob;
        return stop;
      },
    });
    expect(root.querySelector(".ja-rendered")?.getAttribute("aria-busy")).toBe("true");
    await act(() => Promise.resolve());
    expect(root.querySelector("[data-ja-foreign]")?.textContent).toBe("i/f");
    expect(root.querySelector(".ja-rendered")?.getAttribute("aria-busy")).toBe("false");
    act(() => render(null, root));
    expect(stop).toHaveBeenCalledOnce();
  });

  it("says why there is none", async () => {
    const root = shown({ embed: () => Promise.reject(new Error("its function failed.")) });
    await act(() => Promise.resolve());
    expect(root.querySelector(".ja-problem")?.textContent).toBe("This cannot be shown: its function failed.");
    expect(shown({}, null).textContent).toBe("There is nothing to show.");
  });
});

describe("embedding", () => {
  it("tells Lumino when a view comes and goes, and shows it in between", async () => {
    const told: string[] = [];
    const el = document.createElement("div");
    const view = {
      el: document.createElement("p"),
      luminoWidget: { processMessage: (message: unknown) => told.push((message as { type: string }).type) },
      remove: () => told.push("remove"),
    };
    const manager = { get_model: async (id: string) => id, create_view: async () => view };
    const stop = await embed(manager, "m", el);
    expect(el.firstChild).toBe(view.el);
    stop();
    expect(el.firstChild).toBeNull();
    expect(told).toEqual(["before-attach", "after-attach", "before-detach", "after-detach", "remove"]);
  });

  it("is refused in words by a host that cannot", async () => {
    await expect(embed(undefined, "m", document.createElement("div"))).rejects.toThrow("use JupyterLab");
  });
});
