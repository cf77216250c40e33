import { beforeEach, describe, expect, it, vi } from "vitest";
import { openBlobs } from "../src/blobs";

const made: Blob[] = [];
const revoked: string[] = [];

beforeEach(() => {
  made.length = 0;
  revoked.length = 0;
  URL.createObjectURL = (blob: Blob) => `blob:${made.push(blob)}`;
  URL.revokeObjectURL = (url: string) => void revoked.push(url);
});

const reply = (blob: string, part = 0, parts = 1) =>
  ({ kind: "blob", to: "me", blob, mime: "image/png", part, parts }) as const;

describe("media", () => {
  it("are asked for once and put together from parts in any order", async () => {
    const ask = vi.fn();
    const blobs = openBlobs(ask);
    const both = Promise.all([blobs.url("a"), blobs.url("a")]);
    blobs.take(reply("a", 1, 2), [new Uint8Array([3])]);
    expect(blobs.ready("a")).toBeNull();
    blobs.take(reply("a", 0, 2), [new Uint8Array([1, 2])]);
    expect(await both).toEqual(["blob:1", "blob:1"]);
    expect([ask.mock.calls, blobs.ready("a"), made[0]?.size, made[0]?.type]).toEqual([
      [["a"]],
      "blob:1",
      3,
      "image/png",
    ]);
  });

  it("that cannot be had say why, and may be asked for again", async () => {
    const ask = vi.fn();
    const blobs = openBlobs(ask);
    const url = blobs.url("a");
    blobs.take({ kind: "blob", to: "me", blob: "a", error: "The file is gone." }, []);
    await expect(url).rejects.toThrow("The file is gone.");
    void blobs.url("a").catch(() => undefined);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("that are still missing are asked for again when the kernel is back", () => {
    const ask = vi.fn();
    const blobs = openBlobs(ask);
    void blobs.url("a");
    void blobs.url("b");
    blobs.take(reply("a"), [new Uint8Array([1])]);
    blobs.again();
    expect(ask.mock.calls.map(([blob]) => blob)).toEqual(["a", "b", "b"]);
  });

  it("not looked at for long make room", () => {
    const blobs = openBlobs(() => undefined);
    for (let at = 0; at < 50; at++) {
      void blobs.url(`b${at}`);
      blobs.take(reply(`b${at}`), [new Uint8Array([1])]);
      blobs.ready("b0");
    }
    expect(revoked).toEqual(["blob:2", "blob:3"]);
    expect([blobs.ready("b0"), blobs.ready("b1")]).toEqual(["blob:1", null]);
    blobs.close();
    expect(revoked.length).toBe(50);
  });
});
