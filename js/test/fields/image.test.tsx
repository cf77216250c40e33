import { render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { image } from "../../src/fields/image";
import type { BlobSource, KeyHandler } from "../../src/questions/module";
import { settle } from "../settle";

const value = { blob: "r-1/image", width: 640, height: 480, mime: "image/png" };

function shown(blobs: BlobSource, what: unknown = value): HTMLElement {
  const root = document.createElement("div");
  document.body.append(root);
  render(<image.View value={what} name="image" title="Photo" blobs={blobs} register={() => () => undefined} />, root);
  return root;
}

it("keeps the place of the image until its bytes arrive", async () => {
  let arrive: (url: string) => void = () => undefined;
  const root = shown({ ready: () => null, url: () => new Promise((resolve) => (arrive = resolve)) });
  expect(root.querySelector("img")).toBeNull();
  expect((root.querySelector(".ja-image") as HTMLElement).style.maxWidth).toBe("640px");
  await settle();
  arrive("blob:1");
  await settle();
  expect(root.querySelector("img")?.getAttribute("src")).toBe("blob:1");
  expect(root.querySelector("img")?.alt).toBe("Photo");
});

it("shows at once what was fetched ahead", () => {
  const root = shown({ ready: () => "blob:2", url: () => Promise.reject(new Error("not asked")) });
  expect(root.querySelector("img")?.getAttribute("src")).toBe("blob:2");
});

it("says why there is no image", async () => {
  const root = shown({ ready: () => null, url: () => Promise.reject(new Error("the file is gone.")) });
  await settle();
  expect(root.textContent).toBe("The image cannot be shown: the file is gone.");
  expect(shown({ ready: () => null, url: () => Promise.resolve("") }, null).textContent).toBe("There is no image.");
});

it("says so when the browser cannot decode it", async () => {
  const root = shown({ ready: () => "blob:3", url: () => Promise.resolve("") });
  root.querySelector("img")?.dispatchEvent(new Event("error"));
  await settle();
  expect(root.textContent).toContain("cannot decode it (image/png)");
});

describe("looking at an image", () => {
  function opened() {
    const root = document.createElement("div");
    const keys: KeyHandler[] = [];
    const blobs = { ready: () => "blob:4", url: () => Promise.reject(new Error("not asked")) };
    const register = (handler: KeyHandler) => {
      keys.push(handler);
      return () => undefined;
    };
    act(() => render(<image.View value={value} name="image" title={null} blobs={blobs} register={register} />, root));
    const press = (key: string): boolean => {
      let done = false;
      act(() => {
        done = keys.some((each) => each.handle(new KeyboardEvent("keydown", { key })));
      });
      return done;
    };
    return { root, press, img: root.querySelector("img") as HTMLImageElement };
  }

  it("goes nearer and away again by key and button, and leaves the arrows to others until then", () => {
    const { root, press, img } = opened();
    expect(press("ArrowLeft")).toBe(false);
    press("+");
    expect(img.style.width).toBe("150%");
    expect(root.querySelector(".ja-image--near")).not.toBeNull();
    expect(press("ArrowLeft")).toBe(true);
    act(() => (root.querySelector('[aria-label="Zoom in"]') as HTMLElement).click());
    expect(img.style.width).toBe("225%");
    press("0");
    expect(img.style.width).toBe("100%");
  });

  it("makes it brighter and darker, within reason", () => {
    const { press, img } = opened();
    press("]");
    expect(img.style.filter).toBe("brightness(1.25)");
    for (let at = 0; at < 20; at++) press("[");
    expect(img.style.filter).toBe("brightness(0.25)");
  });
});
