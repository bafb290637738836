import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ExchangeRecord } from "../../../src/core/exchange.ts";
import { edgeTo, exchange, get, listen, placed, sidecar, type TestSidecar, until } from "../support/peers.ts";

const HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const PIECE = "3\r\nabc\r\n";
const END = "0\r\n\r\n";
/** Timers of Node may fire this much early. */
const EARLY_MS = 2;

/** An upstream that is silent for so long before each piece of its answer. */
const silentBefore = (...pausesMs: readonly number[]) =>
  listen((socket) => {
    const answer = async (): Promise<void> => {
      for (const [index, pauseMs] of pausesMs.entries()) {
        await sleep(pauseMs);
        const last = index === pausesMs.length - 1;
        socket.write(`${index === 0 ? HEAD : ""}${PIECE}${last ? END : ""}`);
      }
    };
    socket.on("data", () => void answer());
    socket.on("error", () => {});
  });

const whole = { until: (text: string) => text.endsWith(END) };

const onlyRecord = async (proxy: TestSidecar): Promise<ExchangeRecord> => {
  await until(async () => (await proxy.records()).length === 1);
  return (await proxy.records())[0] as ExchangeRecord;
};

const total = ({ startedMs, endedMs }: ExchangeRecord): number => endedMs - startedMs;
const own = ({ upstreamMs }: ExchangeRecord): number => upstreamMs ?? Number.NaN;

test("the longest silence is the longest between two pieces, not the wait for the first", async () => {
  await using upstream = await silentBefore(200, 20, 90, 20);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await exchange(proxy.port("llm"), get(), whole);
  const record = await onlyRecord(proxy);
  expect(record.longestGapMs).toBeGreaterThanOrEqual(90 - EARLY_MS);
  // What is left of the whole when the wait and the other silences are taken away.
  expect(record.longestGapMs).toBeLessThanOrEqual(total(record) - 240 + 3 * EARLY_MS);
  expect(own(record)).toBeGreaterThanOrEqual(330 - 4 * EARLY_MS);
  expect(own(record)).toBeLessThanOrEqual(total(record));
});

test("an answer in one piece has no silence inside", async () => {
  await using upstream = await silentBefore(0);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await exchange(proxy.port("llm"), get(), whole);
  expect((await onlyRecord(proxy)).longestGapMs).toBeNull();
});

test.each(["request", "response"] as const)(
  "what a fault holds of the %s is none of the upstream's time",
  async (before) => {
    await using upstream = await silentBefore(60);
    await using proxy = await sidecar([edgeTo(upstream.port)]);
    await proxy.setFaults([
      placed({ kind: "http-delay", before, delayMs: 150, jitterMs: 0, distribution: "constant" }),
    ]);
    await exchange(proxy.port("llm"), get(), whole);
    const record = await onlyRecord(proxy);
    expect(own(record)).toBeGreaterThanOrEqual(60 - EARLY_MS);
    expect(own(record)).toBeLessThanOrEqual(total(record) - 150 + EARLY_MS);
  },
);

test("a silence that a fault makes is met by the caller", async () => {
  await using upstream = await listen((socket) => {
    const events = ["data: 1\n\n", "data: 2\n\n"].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
    const head = HEAD.replace("\r\n\r\n", "\r\ncontent-type: text/event-stream\r\n\r\n");
    socket.on("data", () => socket.write(`${head}${events.join("")}${END}`));
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "stream-stall", afterEvents: 1, stallMs: 120, pings: false })]);
  await exchange(proxy.port("llm"), get(), whole);
  const record = await onlyRecord(proxy);
  expect(record.longestGapMs).toBeGreaterThanOrEqual(120 - EARLY_MS);
  expect(own(record)).toBeLessThanOrEqual(total(record) - 120 + EARLY_MS);
});

test("a call that a fault answers was passed on nowhere", async () => {
  await using upstream = await silentBefore(0);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "http-error", status: 503, headers: {} })]);
  await exchange(proxy.port("llm"), get(), { until: (text) => text.includes("503") });
  expect((await onlyRecord(proxy)).upstreamMs).toBeNull();
});

test("an upstream that never answers has taken the time until its caller gave up", async () => {
  await using upstream = await listen(() => {});
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const client = connect(proxy.port("llm"), "127.0.0.1");
  client.write(get());
  await sleep(100);
  client.resetAndDestroy();
  const record = await onlyRecord(proxy);
  expect(record.end).toBe("client-abort");
  expect(own(record)).toBeGreaterThanOrEqual(total(record) / 2);
  expect(own(record)).toBeLessThanOrEqual(total(record));
});

test("a TCP edge tells neither", async () => {
  await using upstream = await listen((socket) => {
    socket.once("data", () => socket.write(HEAD, () => setTimeout(() => socket.end(PIECE + END), 30)));
  });
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await exchange(proxy.port("llm"), get());
  expect(await onlyRecord(proxy)).toMatchObject({ longestGapMs: null, upstreamMs: null });
});
