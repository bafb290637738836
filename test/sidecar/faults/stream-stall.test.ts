import { expect, test } from "vitest";
import { edgeTo, exchange, get, httpServer, placed, sidecar, until } from "../support/peers.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const ANSWER = `${HEAD}${chunk("data: 1\n\n")}${chunk("data: 2\n\ndata: 3\n\n")}0\r\n\r\n`;
const whole = (text: string): boolean => text.endsWith("0\r\n\r\n");
const events = (bytes: Buffer): string[] => bytes.toString().match(/data: \d/g) ?? [];

test("stalls after its events, then the rest follows; the connection serves on", async () => {
  await using upstream = await httpServer(() => ANSWER);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "stream-stall", afterEvents: 2, stallMs: 80, pings: false })]);
  const answer = await exchange(proxy.port("llm"), [get(), get()], {
    until: (text) => text.split("0\r\n\r\n").length === 3,
  });
  expect(events(answer.bytes)).toEqual(["data: 1", "data: 2", "data: 3", "data: 1", "data: 2", "data: 3"]);
  expect(answer.endMs - answer.firstMs).toBeGreaterThanOrEqual(155);
  expect((await proxy.receipts()).receipts).toEqual([{ faultId: "f1", edge: "llm", seen: 2, affected: 2 }]);
});

test("clearing lets the stalled events go; a stream too short for the stall is no hit", async () => {
  await using upstream = await httpServer(() => ANSWER);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "stream-stall", afterEvents: 1, stallMs: 60_000, pings: false })]);
  const pending = exchange(proxy.port("llm"), get(), { until: whole });
  await until(async () => (await proxy.receipts()).receipts[0]?.affected === 1);
  await proxy.setFaults([placed({ kind: "stream-stall", afterEvents: 3, stallMs: 60_000, pings: false })]);
  expect(events((await pending).bytes)).toHaveLength(3);
  expect(events((await exchange(proxy.port("llm"), get(), { until: whole })).bytes)).toHaveLength(3);
  expect((await proxy.receipts()).receipts).toEqual([{ faultId: "f1", edge: "llm", seen: 1, affected: 0 }]);
});
