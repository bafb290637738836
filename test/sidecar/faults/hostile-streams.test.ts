import { expect, test } from "vitest";
import { type FaultParameters, until } from "../support/peers.ts";
import { rawEdge } from "./model-edge.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
const END = "0\r\n\r\n";

/** Faults that look at every event and change none of these: what goes in must come out. */
const LOOKING: readonly FaultParameters[] = [
  { kind: "stream-truncate", afterEvents: 1_000, clean: true },
  { kind: "token-slow", perTokenMs: 0 },
  { kind: "answer-garbage" },
];

const delta = (content: string): string => JSON.stringify({ choices: [{ index: 0, delta: { content } }] });

test.each(["\n", "\r\n", "\r"])(
  "events that end in %j, cut at every byte, are edited all the same",
  async (newline) => {
    const text = [
      "event: e",
      `data: ${delta("boats é 🚢")}`,
      "id: 7",
      "",
      ": note",
      "",
      "data: [DONE]",
      "",
      "",
    ].join(newline);
    const pieces = [HEAD, ...[...Buffer.from(text)].map((byte) => chunk(Buffer.from([byte]))), END];
    await using edge = await rawEdge(pieces);
    await edge.setFault({ kind: "answer-garbage" });
    const heard = await edge.ask(null);
    expect(heard.events.map(({ event, data }) => [event, data])).toEqual([
      ["e", delta("!".repeat("boats é 🚢".length))],
      [undefined, "[DONE]"],
    ]);
    expect(heard.text).toContain(`${newline}id: 7${newline}${newline}: note${newline}`);
    expect(heard.end).toBe("whole");
  },
);

test("faults that look at every event pass a 10 MB line and invalid UTF-8 on unharmed", async () => {
  const line = Buffer.alloc(10 * 1024 * 1024, "x");
  const odd = Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
  const body = [Buffer.from("data: "), line, Buffer.from("\n\ndata: "), odd, Buffer.from("\n\n: bye\n\n")];
  await using edge = await rawEdge([HEAD, ...body.map(chunk), END]);
  for (const fault of LOOKING) {
    // One after the other on the same server: what one fault leaves behind would meet the next.
    await edge.setFault(fault);
    // Without the parser, which is no friend of such lines.
    const response = await fetch(`http://127.0.0.1:${edge.port}/`);
    expect(Buffer.concat(body).equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  }
});

test("an answer of unknown length far beyond what is held passes whole", async () => {
  const body = Buffer.from(
    JSON.stringify({ choices: [{ message: { content: "x".repeat(6 * 1024 * 1024) } }] }),
  );
  await using edge = await rawEdge([
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    body,
  ]);
  await edge.setFault({ kind: "answer-garbage" });
  const heard = await edge.ask(null);
  expect(heard.end).toBe("whole");
  expect(heard.text === body.toString()).toBe(true);
  expect((await edge.receipt())?.affected).toBe(0);
});

test("an encoded stream that was not asked for passes by, and is no hit", async () => {
  const encoded = HEAD.replace("\r\n\r\n", "\r\ncontent-encoding: x-secret\r\n\r\n");
  await using edge = await rawEdge([encoded, chunk(Buffer.from(`data: ${delta("hello")}\n\n`)), END]);
  await edge.setFault({ kind: "answer-garbage" });
  expect((await edge.ask(null)).text).toContain("hello");
  expect((await edge.receipt())?.affected).toBe(0);
});

test("a stream that the upstream breaks off is broken off for the client too", async () => {
  await using edge = await rawEdge([HEAD, chunk(Buffer.from(`data: ${delta("hello")}\n\n`)), "zz\r\n"]);
  await edge.setFault({ kind: "event-duplicate", share: 1, mode: "repeat" });
  const heard = await edge.ask(null);
  expect(heard.end).toBe("broken");
  expect(heard.events).toHaveLength(2);
  await until(async () => (await edge.records()).length === 1);
  expect((await edge.records())[0]).toMatchObject({ end: "malformed", faults: ["f1"] });
});

test("events that a fault still holds when the upstream breaks off come before the break", async () => {
  const deltas = ["a", "b", "c"].map((text) => chunk(Buffer.from(`data: ${delta(text)}\n\n`)));
  await using edge = await rawEdge([HEAD, ...deltas, "zz\r\n"]);
  await edge.setFault({ kind: "token-slow", perTokenMs: 20 });
  const heard = await edge.ask(null);
  expect(heard.end).toBe("broken");
  expect(heard.events.map(({ data }) => data)).toEqual(["a", "b", "c"].map(delta));
  expect(heard.events[2]?.atMs).toBeGreaterThanOrEqual(59);
});
