/** Remedies that spare the dependency calls: circuit-breaker and cache. */
import { expect, onTestFinished, test, vi } from "vitest";
import { bodyOf } from "../../../src/sidecar/remedies/answer-body.ts";
import { circuitBreaker } from "../../../src/sidecar/remedies/circuit-breaker.ts";
import type { Next, RemedyCall } from "../../../src/sidecar/remedies/remedy.ts";
import { edgeTo, httpServer, ok, placed, sidecar, until } from "../support/peers.ts";
import { ask, counts, setRemedies } from "../support/remedied.ts";

const MINUTE_MS = 60_000;
const outage = placed({ kind: "http-error", status: 503, headers: {} });
const statuses = async (port: number, calls: number): Promise<readonly number[]> => {
  const all: number[] = [];
  for (let call = 0; call < calls; call++) all.push((await ask(port)).status);
  return all;
};

test("circuit-breaker: in an outage only the first calls get through", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([outage]);
  await setRemedies(proxy, [{ kind: "circuit-breaker", failures: 3, openMs: MINUTE_MS }]);
  expect(await statuses(proxy.port("llm"), 10)).toEqual(Array.from({ length: 10 }, () => 503));
  expect((await proxy.receipts()).receipts).toMatchObject([{ seen: 3, affected: 3 }]);
  expect(await counts(proxy)).toEqual([[10, 7]]);
  expect(JSON.parse((await ask(proxy.port("llm"))).text)).toMatchObject({
    error: { type: "overloaded_error" },
  });
});

test("circuit-breaker: a good answer in between begins the count anew", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([{ ...outage, marks: { type: "pattern", pattern: [true, true, false] } }]);
  await setRemedies(proxy, [{ kind: "circuit-breaker", failures: 3, openMs: MINUTE_MS }]);
  expect(await statuses(proxy.port("llm"), 6)).toEqual([503, 503, 200, 503, 503, 200]);
  expect(await counts(proxy)).toEqual([[6, 0]]);
});

test("circuit-breaker: one call at a time tries whether it is over; its success closes, its failure opens anew", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const meet = circuitBreaker({ kind: "circuit-breaker", failures: 2, openMs: 100 });
  const pending: ((status: number) => void)[] = [];
  const next: Next = () =>
    new Promise((resolve) => {
      pending.push((status) =>
        resolve({ type: "answer", status, statusMessage: "", rawHeaders: [], body: bodyOf([]) }),
      );
    });
  const call: RemedyCall = {
    method: "GET",
    path: "/",
    rawHeaders: [],
    body: { type: "kept", bytes: Buffer.alloc(0) },
    signal: new AbortController().signal,
  };
  /** Status, read to its end as a caller does. */
  const made = async (): Promise<number> => {
    const outcome = await meet(call, next, () => {});
    if (outcome.type === "failed") return 0;
    while ((await outcome.body.next()).type === "bytes");
    return outcome.status;
  };
  const begin = (): { readonly end: (status: number) => Promise<number>; readonly passed: boolean } => {
    const before = pending.length;
    const status = made();
    const passed = pending.length > before;
    return {
      passed,
      end: (told) => {
        pending[before]?.(told);
        return status;
      },
    };
  };
  const late = begin();
  for (const call of [begin(), begin()]) await call.end(500);
  expect(begin().passed).toBe(false);
  vi.advanceTimersByTime(99);
  expect(begin().passed).toBe(false);
  vi.advanceTimersByTime(1);
  const probe = begin();
  expect([probe.passed, begin().passed]).toEqual([true, false]);
  await probe.end(429);
  // A success that was under way before says nothing of now.
  await late.end(200);
  expect(begin().passed).toBe(false);
  vi.advanceTimersByTime(100);
  await begin().end(200);
  const both = [begin(), begin()];
  expect(both.map(({ passed }) => passed)).toEqual([true, true]);
  await both[0]?.end(500);
  expect(begin().passed).toBe(true);
  await both[1]?.end(500);
  expect(begin().passed).toBe(false);
});

test("circuit-breaker: calls into a blackhole that their caller gives up are failures", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "blackhole" })]);
  await setRemedies(proxy, [
    { kind: "deadline", afterMs: 30 },
    { kind: "circuit-breaker", failures: 2, openMs: MINUTE_MS },
  ]);
  expect(await statuses(proxy.port("llm"), 5)).toEqual([504, 504, 503, 503, 503]);
  expect((await proxy.receipts()).receipts).toMatchObject([{ seen: 2, affected: 2 }]);
  expect(await counts(proxy)).toEqual([
    [5, 2],
    [5, 3],
  ]);
});

test("cache: what was answered before the outage is answered in it, with the same headers", async () => {
  let calls = 0;
  await using upstream = await httpServer(() => {
    calls++;
    return ok(`answer ${calls}`, "X-Model: small\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const port = proxy.port("llm");
  await setRemedies(proxy, [{ kind: "cache", forMs: MINUTE_MS, entries: 10 }]);
  const asked = { method: "POST", path: "/v1/chat", body: "why?", headers: { authorization: "Bearer a" } };
  const before = await ask(port, asked);
  await proxy.setFaults([outage, placed({ kind: "refuse" }, undefined, "f2")]);
  const during = await ask(port, asked);
  expect(during).toEqual(before);
  expect(during.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect(await counts(proxy)).toEqual([[2, 1]]);
  // Another question, another path, another's credentials: not the same call.
  await proxy.setFaults([outage]);
  for (const other of [
    { ...asked, body: "how?" },
    { ...asked, path: "/v1/other" },
    { ...asked, headers: { authorization: "Bearer b" } },
    { ...asked, method: "PUT" },
  ]) {
    expect((await ask(port, other)).status).toBe(503);
  }
  expect(calls).toBe(1);
});

test("cache: failures, cut answers and streams without their end are not kept", async () => {
  const sse = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  const delta = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
  const answers = [
    "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    `${sse}${delta.length.toString(16)}\r\n${delta}\r\n0\r\n\r\n`,
    ok("good"),
    ok("never asked for"),
  ];
  let calls = 0;
  await using upstream = await httpServer((_request, socket) => {
    calls++;
    if (calls > 1) return answers[calls - 2] ?? null;
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const port = proxy.port("llm");
  await setRemedies(proxy, [{ kind: "cache", forMs: MINUTE_MS, entries: 10 }]);
  await expect(ask(port)).rejects.toThrow(/aborted/);
  expect((await ask(port)).status).toBe(404);
  expect((await ask(port)).text).toBe(delta);
  expect((await ask(port)).text).toBe("good");
  expect((await ask(port)).text).toBe("good");
  expect(calls).toBe(4);
});

test("cache: the least recently used goes first, and each goes when its time is over", async () => {
  let calls = 0;
  await using upstream = await httpServer(() => ok(String(++calls)));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const port = proxy.port("llm");
  const got = async (path: string): Promise<string> => (await ask(port, { path })).text;
  await setRemedies(proxy, [{ kind: "cache", forMs: MINUTE_MS, entries: 2 }]);
  expect([await got("/a"), await got("/b"), await got("/a"), await got("/c")]).toEqual(["1", "2", "1", "3"]);
  expect([await got("/a"), await got("/b")]).toEqual(["1", "4"]);
  await setRemedies(proxy, [{ kind: "cache", forMs: 50, entries: 2 }]);
  const first = await got("/a");
  await until(async () => (await got("/a")) !== first);
});
