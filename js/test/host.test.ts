import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Host, openHost } from "../src/host";
import type { Reply } from "../src/protocol";
import { FakeKernel } from "./fake_kernel";

let host: Host | undefined;
let stop: (() => void) | undefined;

function start(kernel: FakeKernel) {
  const heard: Reply[] = [];
  const buffers: (readonly Uint8Array[])[] = [];
  const revived = vi.fn();
  host = openHost(kernel, "me", {
    hear: (reply, bytes) => {
      heard.push(reply);
      buffers.push(bytes);
    },
    revived,
  });
  stop = host.beat();
  return { host, heard, buffers, revived };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  stop?.();
  host?.close();
  vi.useRealTimers();
});

const pings = (kernel: FakeKernel): number => kernel.kinds().filter((kind) => kind === "ping").length;

describe("host", () => {
  it("asks every second, one question at a time", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    host.send({ kind: "need", n: 1, have: [] });
    vi.advanceTimersByTime(4500);
    expect(pings(kernel)).toBeGreaterThanOrEqual(3);
    expect(host.link.value).toBe("alive");
    const before = pings(kernel);
    kernel.alive = false;
    vi.advanceTimersByTime(2500);
    expect(pings(kernel)).toBe(before + 1);
  });

  it("shows within two seconds that nobody answers, and after five that it is lost", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    host.send({ kind: "need", n: 1, have: [] });
    vi.advanceTimersByTime(3000);
    kernel.alive = false;
    vi.advanceTimersByTime(1950);
    expect(host.link.value).toBe("waiting");
    vi.advanceTimersByTime(4500);
    expect(host.link.value).toBe("lost");
  });

  it("shows within a second that a request has no answer", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    host.send({ kind: "need", n: 1, have: [] });
    kernel.alive = false;
    host.send({ kind: "need", n: 1, have: [] });
    vi.advanceTimersByTime(850);
    expect(host.link.value).toBe("waiting");
  });

  it("tells when a lost kernel answers again, once", () => {
    const kernel = new FakeKernel();
    const { host, revived } = start(kernel);
    kernel.alive = false;
    vi.advanceTimersByTime(9000);
    expect(host.link.value).toBe("lost");
    kernel.alive = true;
    vi.advanceTimersByTime(9000);
    expect(host.link.value).toBe("alive");
    expect(revived).toHaveBeenCalledTimes(1);
  });

  it("takes a model that throws for a lost kernel", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    kernel.broken = true;
    expect(host.send({ kind: "open", item: "r-1" })).toBe(false);
    expect(host.link.value).toBe("lost");
  });

  it("does not ask while the page is hidden, and asks at once when it is seen again", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    host.send({ kind: "need", n: 1, have: [] });
    vi.advanceTimersByTime(60_000);
    expect(pings(kernel)).toBe(0);
    visibility.mockReturnValue("visible");
    document.dispatchEvent(new Event("visibilitychange"));
    expect(pings(kernel)).toBe(1);
    expect(host.link.value).toBe("alive");
  });

  it("signs what it sends and ignores what is for others", () => {
    const kernel = new FakeKernel();
    const { host, heard } = start(kernel);
    host.send({ kind: "open", item: "r-1" });
    expect(kernel.sent[0]).toEqual({ kind: "open", item: "r-1", client: "me" });
    heard.length = 0;
    kernel.emit({ kind: "items", to: "somebody else", items: [], exhausted: true });
    kernel.emit({ kind: "items", to: "me", items: [], exhausted: true });
    expect(heard.length).toBe(1);
  });

  it("gives buffers as bytes of their own, whatever the host hands over", () => {
    const kernel = new FakeKernel();
    const { buffers } = start(kernel);
    const whole = new Uint8Array([9, 1, 2, 9]);
    const reply: Reply = { kind: "blob", to: "me", blob: "b", mime: "image/png", part: 0, parts: 1 };
    kernel.emit(reply, [new DataView(whole.buffer, 1, 2), whole.buffer]);
    expect(buffers.at(-1)?.map((each) => [...each])).toEqual([
      [1, 2],
      [9, 1, 2, 9],
    ]);
    whole.fill(0);
    expect(buffers.at(-1)?.[0]?.[0]).toBe(1);
  });

  it("ignores what is no message", () => {
    const kernel = new FakeKernel();
    const { heard } = start(kernel);
    for (const junk of [null, 3, "x", {}, { kind: 4 }]) kernel.emit(junk as unknown as Reply);
    expect(heard).toEqual([]);
  });

  it("leaves no listener and no timer behind", () => {
    const kernel = new FakeKernel();
    const { host } = start(kernel);
    stop?.();
    host.close();
    expect(kernel.listeners["msg:custom"]).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
