import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { randomFor } from "../../../src/core/random.ts";
import { bandwidthPacer } from "../../../src/sidecar/faults/bandwidth.ts";
import { slicerPacer } from "../../../src/sidecar/faults/slicer.ts";
import { edgeTo, exchange, get, httpServer, listen, ok, placed, sidecar, until } from "../support/peers.ts";

const CLOSE = "connection: close\r\n";
const whole = (text: string): boolean => text.endsWith(ok());
const KEYED = (key: string): string => get("/", `x-squall-request: ${key}\r\n`);
const keys = { type: "keys", keys: ["a~0"] } as const;
const echo = () =>
  listen((socket) => {
    socket.pipe(socket);
  });
const open = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
};
const affected = async (proxy: Awaited<ReturnType<typeof sidecar>>): Promise<number[]> =>
  (await proxy.receipts()).receipts.flatMap((receipt) => [receipt.seen, receipt.affected]);

test("bandwidth: pieces leave as the line carries them", () => {
  const pacer = bandwidthPacer(1_000);
  const pieces = pacer(Buffer.alloc(50), 100);
  expect(pieces.map((piece) => [piece.bytes.length, piece.dueMs])).toEqual([
    [20, 120],
    [20, 140],
    [10, 150],
  ]);
  expect(pacer(Buffer.alloc(10), 145)[0]?.dueMs).toBe(160);
  expect(pacer(Buffer.alloc(10), 500)[0]?.dueMs).toBe(510);
});

test("slicer: pieces of about the size, each behind the other, with no byte lost", () => {
  const pacer = slicerPacer({ sizeBytes: 10, variationBytes: 3, delayMs: 5 }, randomFor(1));
  const bytes = Buffer.from(Array.from({ length: 95 }, (_, index) => index));
  const pieces = pacer(bytes, 100);
  expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(bytes);
  for (const piece of pieces.slice(0, -1)) {
    expect(piece.bytes.length).toBeGreaterThanOrEqual(7);
    expect(piece.bytes.length).toBeLessThanOrEqual(13);
  }
  expect(pieces.map((piece) => piece.dueMs)).toEqual(pieces.map((_, index) => 100 + 5 * index));
});

test("bandwidth slows a marked exchange and spares the others", async () => {
  const body = "x".repeat(2_000);
  await using upstream = await httpServer(() => ok(body));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([
    placed({ kind: "bandwidth", bytesPerSecond: 10_000, direction: "downstream" }, keys),
  ]);
  const isWhole = (text: string): boolean => text.endsWith(body);
  const struck = await exchange(proxy.port("llm"), KEYED("a~0"), { until: isWhole });
  expect(struck.bytes.toString()).toBe(ok(body));
  expect(struck.endMs).toBeGreaterThanOrEqual(200);
  const spared = await exchange(proxy.port("llm"), KEYED("b~0"), { until: isWhole });
  expect(spared.endMs).toBeLessThan(150);
  expect(await affected(proxy)).toEqual([2, 1]);
});

test("slicer delivers the same bytes in many pieces", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([
    placed({ kind: "slicer", sizeBytes: 10, variationBytes: 2, delayMs: 5, direction: "both" }),
  ]);
  const answer = await exchange(proxy.port("llm"), get(), { until: whole });
  expect(answer.bytes.toString()).toBe(ok());
  expect(answer.endMs - answer.firstMs).toBeGreaterThanOrEqual(20);
  expect(await affected(proxy)).toEqual([1, 1]);
});

test("blackhole: nothing comes until it is cleared, then the connection is reset", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "blackhole" })]);
  const pending = exchange(proxy.port("llm"), get());
  await until(async () => (await affected(proxy))[1] === 1);
  await proxy.setFaults([]);
  const answer = await pending;
  expect([answer.bytes.length, answer.end]).toEqual([0, "reset"]);
  expect((await proxy.records()).map(({ end, faults }) => [end, faults])).toEqual([["cut-by-fault", ["f1"]]]);
});

test("blackhole: the sidecar's own deadline ends it, and a client that hangs up is let go", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "blackhole" })], 1500);
  const gone = await open(proxy.port("llm"));
  gone.end(get());
  await until(async () => (await proxy.records()).some((record) => record.end === "client-abort"));
  const held = await exchange(proxy.port("llm"), get());
  expect(held.end).toBe("reset");
  expect(await proxy.receipts()).toMatchObject({ expired: true, receipts: [{ seen: 2, affected: 2 }] });
  expect((await exchange(proxy.port("llm"), get(), { until: whole })).bytes.toString()).toBe(ok());
});

test("refuse: the kernel refuses, idle connections end, and the port comes back", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const idle = await open(proxy.port("llm"));
  const ended = once(idle, "end");
  idle.resume();
  await proxy.setFaults([placed({ kind: "refuse" })]);
  await ended;
  const socket = connect(proxy.port("llm"), "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
  expect(await affected(proxy)).toEqual([2, 2]);
  await proxy.setFaults([]);
  expect((await exchange(proxy.port("llm"), get(), { until: whole })).bytes.toString()).toBe(ok());
});

test("refuse in part: marked connections are reset on accept", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "refuse" }, { type: "pattern", pattern: [true, false] })]);
  const lengths: number[] = [];
  for (let call = 0; call < 6; call++) {
    lengths.push((await exchange(proxy.port("llm"), get(), { until: whole })).bytes.length);
  }
  expect(lengths).toEqual([0, ok().length, 0, ok().length, 0, ok().length]);
  expect(await affected(proxy)).toEqual([6, 3]);
});

test.each([
  ["reset", "reset"],
  ["close", "fin"],
] as const)("%s after bytes delivers exactly those bytes, then ends by %s", async (kind, end) => {
  const body = "x".repeat(1_000);
  await using upstream = await httpServer(() => ok(body));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind, afterBytes: 100 }, keys)]);
  const cut = await exchange(proxy.port("llm"), KEYED("a~0"));
  expect(cut.end).toBe(end);
  expect(cut.bytes.toString()).toBe(ok(body).slice(0, 100));
  const spared = await exchange(proxy.port("llm"), KEYED("b~0"), { until: (text) => text.endsWith(body) });
  expect(spared.bytes.toString()).toBe(ok(body));
  expect((await proxy.records()).map((record) => record.end)).toEqual(["cut-by-fault", "complete"]);
});

test.each([
  ["reset", "reset"],
  ["close", "fin"],
] as const)("%s without a point cuts before upstream hears of it", async (kind, end) => {
  let reached = 0;
  await using upstream = await httpServer(() => {
    reached++;
    return ok();
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind })]);
  const cut = await exchange(proxy.port("llm"), get());
  expect([cut.end, cut.bytes.length, reached]).toEqual([end, 0, 0]);
});

test("reset after ms ends an answer that is still to come", async () => {
  await using upstream = await httpServer(() => null);
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "reset", afterMs: 60 })]);
  const cut = await exchange(proxy.port("llm"), get());
  expect(cut.end).toBe("reset");
  expect(cut.endMs).toBeGreaterThanOrEqual(59);
});

test("slow-close: the answer comes at once, its FIN late", async () => {
  await using upstream = await httpServer((_, socket) => {
    socket.end(ok("hello", CLOSE));
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "slow-close", delayMs: 100 })]);
  const answer = await exchange(proxy.port("llm"), get("/", CLOSE));
  expect(answer.bytes.toString()).toBe(ok("hello", CLOSE));
  expect(answer.endMs - answer.firstMs).toBeGreaterThanOrEqual(95);
  expect(await affected(proxy)).toEqual([1, 1]);
});

test("limit-data closes a direction's connection after its bytes, and does not hit below them", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "limit-data", bytes: 20, direction: "downstream" })]);
  const cut = await exchange(proxy.port("llm"), get());
  expect([cut.bytes.toString(), cut.end]).toEqual([ok().slice(0, 20), "fin"]);
  expect(await affected(proxy)).toEqual([1, 1]);
  await proxy.setFaults([placed({ kind: "limit-data", bytes: ok().length, direction: "downstream" })]);
  expect((await exchange(proxy.port("llm"), get(), { until: whole })).bytes.toString()).toBe(ok());
  expect(await affected(proxy)).toEqual([1, 0]);
});

test("connection-limit refuses what is above it", async () => {
  await using upstream = await echo();
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([placed({ kind: "connection-limit", max: 1, excess: "refuse" })]);
  const first = await open(proxy.port("llm"));
  first.write("x");
  await once(first, "data");
  expect((await exchange(proxy.port("llm"), "y")).end).toBe("reset");
  expect(await affected(proxy)).toEqual([2, 1]);
  first.destroy();
});

test("connection-limit queues what is above it, in order of arrival", async () => {
  await using upstream = await echo();
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([placed({ kind: "connection-limit", max: 1, excess: "queue" })]);
  const first = await open(proxy.port("llm"));
  first.write("1");
  await once(first, "data");
  const order: string[] = [];
  const wait = async (text: string): Promise<void> => {
    const socket = await open(proxy.port("llm"));
    socket.write(text);
    await once(socket, "data");
    order.push(text);
    socket.end();
    socket.resume();
  };
  const second = wait("2");
  await until(async () => (await affected(proxy))[1] === 1);
  const third = wait("3");
  await until(async () => (await affected(proxy))[1] === 2);
  expect(order).toEqual([]);
  first.end();
  await Promise.all([second, third]);
  expect(order).toEqual(["2", "3"]);
});

test("a tcp edge strikes the connections that are already open, and lets them go when cleared", async () => {
  await using upstream = await echo();
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  const socket = await open(proxy.port("llm"));
  const roundTrip = async (): Promise<number> => {
    const start = performance.now();
    socket.write("x");
    await once(socket, "data");
    return performance.now() - start;
  };
  await roundTrip();
  const delay = { delayMs: 60, jitterMs: 0, distribution: "constant" } as const;
  await proxy.setFaults([placed({ kind: "latency", direction: "both", ...delay })]);
  expect(await roundTrip()).toBeGreaterThanOrEqual(118);
  expect(await affected(proxy)).toEqual([1, 1]);
  await proxy.setFaults([]);
  expect(await roundTrip()).toBeLessThan(100);
  socket.destroy();
});

test("first, match, forMs: only matching calls, only the first of them, only so long", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const ends = async (paths: readonly string[]): Promise<string[]> => {
    const seen: string[] = [];
    for (const path of paths) seen.push((await exchange(proxy.port("llm"), get(path), { until: whole })).end);
    return seen;
  };
  await proxy.setFaults([placed({ kind: "reset", match: { path: "/v1/*/b" }, first: 2 })]);
  const paths = ["/v1/x/b", "/other", "/v1/y/b?q=1", "/v1/z/b"];
  expect(await ends(paths)).toEqual(["reset", "fin", "reset", "fin"]);
  expect(await affected(proxy)).toEqual([2, 2]);
  await proxy.setFaults([placed({ kind: "reset", forMs: 150 })]);
  expect(await ends(["/"])).toEqual(["reset"]);
  await until(async () => (await ends(["/"]))[0] === "fin");
  expect((await proxy.receipts()).expired).toBe(false);
});
