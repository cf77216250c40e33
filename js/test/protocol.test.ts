/// <reference types="vite/client" />

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import page from "../../docs/protocol.md?raw";
import replyFile from "../../tests/protocol/replies.json";
import requestFile from "../../tests/protocol/requests.json";
import { openHost } from "../src/host";
import { PROTOCOL, type Reply, type Request } from "../src/protocol";
import { FakeKernel } from "./fake_kernel";

interface Fixture {
  readonly kind: string;
  readonly action?: string;
}
const FILES = { requests: requestFile, replies: replyFile };
type FileName = keyof typeof FILES;
const read = (name: FileName): Fixture[] => FILES[name].messages as Fixture[];

/** The fields of each kind of message, from the tables of the page on the protocol. */
function table(title: string): Map<string, string[]> {
  const from = page.indexOf(`## ${title}`);
  const section = page.slice(from).split(/\n(?=`\w+\.\w+`|## )/)[0] ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)` \|([^|]*)/gm)];
  const names = (fields: string): string[] => [...fields.matchAll(/`(\w+)/g)].map(([, name]) => name ?? "");
  return new Map(rows.map(([, kind, fields]) => [kind ?? "", names(fields ?? "")]));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("the fixtures hold every kind of message the page on the protocol names", () => {
  expect(new Set(read("requests").map(({ kind }) => kind))).toEqual(new Set(table("Browser to kernel").keys()));
  expect(new Set(read("replies").map(({ kind }) => kind))).toEqual(new Set(table("Kernel to browser").keys()));
  const actions = read("requests").flatMap(({ action }) => (action ? [action] : []));
  expect(new Set(actions)).toEqual(new Set(["answer", "skip", "undo", "flag", "comment"]));
});

it("each fixture has no field the page does not name", () => {
  const known = { requests: table("Browser to kernel"), replies: table("Kernel to browser") };
  for (const [name, kinds] of Object.entries(known)) {
    for (const { kind, action: _action, ...fields } of read(name as FileName)) {
      if (kind === "submit") continue;
      expect([kind, Object.keys(fields).filter((field) => !kinds.get(kind)?.includes(field))]).toEqual([kind, []]);
    }
  }
});

it("every reply is heard, and every request is sent as it stands", () => {
  const kernel = new FakeKernel();
  const heard: Reply[] = [];
  const host = openHost(kernel, "c-1", { hear: (reply) => heard.push(reply), revived: () => undefined });
  const replies = read("replies") as unknown as Reply[];
  for (const reply of replies) kernel.emit(reply);
  expect(heard).toEqual(replies.filter(({ kind }) => kind !== "pong"));
  kernel.alive = false;
  const requests = read("requests") as unknown as Request[];
  for (const { client: _client, ...body } of requests) host.send(body as never);
  expect(kernel.sent).toEqual(requests);
  expect(requests[0]).toMatchObject({ kind: "hello", protocol: PROTOCOL });
  host.close();
});
