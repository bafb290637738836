import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { SseEvent } from "../../../src/sidecar/faults/fault.ts";
import { SseSplitter } from "../../../src/sidecar/relay/sse-splitter.ts";

const splitAll = (pieces: readonly Buffer[]): SseEvent[] => {
  const events: SseEvent[] = [];
  const splitter = new SseSplitter({ event: (event) => events.push(event), end: () => {} });
  for (const piece of pieces) splitter.write(piece);
  splitter.end();
  return events;
};

test.each(["\n", "\r\n", "\r"] as const)("events with line ending %j, split after every byte", (newline) => {
  const text = ["event: a", "data: 1", "data: 2", "", ": ping", "", "data:x", "", ""].join(newline);
  const events = splitAll([...Buffer.from(text)].map((byte) => Buffer.from([byte])));
  expect(events.map((event) => [event.event, event.data])).toEqual([
    ["a", "1\n2"],
    ["", null],
    ["", "x"],
  ]);
  expect(Buffer.concat(events.map((event) => event.raw)).toString()).toBe(text);
  expect(events[0]?.newline).toBe(newline);
});

test("an event is given as soon as its empty line is there, without waiting for more", () => {
  for (const end of ["\n\n", "\r\n\r\n", "\r\r"]) {
    const events: SseEvent[] = [];
    const splitter = new SseSplitter({ event: (event) => events.push(event), end: () => {} });
    splitter.write(Buffer.from(`data: 1${end}`));
    expect(events).toHaveLength(1);
  }
});

test("any bytes, at any split: none is lost, and the split changes no event", () => {
  const bytes = fc
    .array(fc.constantFrom("data: a", "event:b", ":c", "\n", "\r", "\r\n", "é", "data", "\n\n"), {
      maxLength: 40,
    })
    .map((parts) => Buffer.from(parts.join("")));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(200), { maxLength: 6 }), (text, points) => {
      const cuts = [...new Set(points)].filter((point) => point < text.length).sort((a, b) => a - b);
      const pieces = [0, ...cuts].map((from, index) => text.subarray(from, cuts[index] ?? text.length));
      const events = splitAll(pieces);
      expect(Buffer.concat(events.map((event) => event.raw)).equals(text)).toBe(true);
      expect(events.map((event) => event.data).filter((data) => data !== null)).toEqual(
        splitAll([text])
          .map((event) => event.data)
          .filter((data) => data !== null),
      );
    }),
    { numRuns: 500 },
  );
});

test("an event without end is passed on in pieces, not held without bound, and the next is read again", () => {
  const piece = Buffer.alloc(64 * 1024, "x");
  const events: SseEvent[] = [];
  let held = 0;
  let mostHeld = 0;
  const splitter = new SseSplitter({
    event: (event) => {
      events.push(event);
      held -= event.raw.length;
    },
    end: () => {},
  });
  for (let index = 0; index < 160; index++) {
    held += piece.length;
    splitter.write(piece);
    mostHeld = Math.max(mostHeld, held);
  }
  expect(mostHeld).toBeLessThan(1.2 * 1024 * 1024);
  splitter.write(Buffer.from("\n\ndata: 1\n\n"));
  expect(events.slice(0, -1).every(({ data }) => data === null)).toBe(true);
  expect(events.at(-1)?.data).toBe("1");
});
