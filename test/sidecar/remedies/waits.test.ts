/** Remedies against waiting: deadline, hedge, retry-after-cap. */
import type { Socket } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cappedWait } from "../../../src/sidecar/remedies/retry-after-cap.ts";
import { edgeTo, httpServer, ok, placed, sidecar, until } from "../support/peers.ts";
import { ask, counts, setRemedies } from "../support/remedied.ts";

const MINUTE_MS = 60_000;
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

test("deadline: a call into a blackhole is answered 504 and ended", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "blackhole" })]);
  await setRemedies(proxy, [{ kind: "deadline", afterMs: 50 }]);
  const answer = await ask(proxy.port("llm"));
  expect(answer.status).toBe(504);
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(answer.text)).toMatchObject({ error: { type: "timeout_error" } });
  expect(await counts(proxy)).toEqual([[1, 1]]);
  // No call hangs on behind it.
  await until(async () => (await proxy.records()).length === 1);
  expect((await proxy.receipts()).receipts).toMatchObject([{ seen: 1, affected: 1 }]);
});

test("deadline: a call that was given up is ended, while its caller still waits for the next try", async () => {
  const sockets: Socket[] = [];
  let ended = false;
  await using upstream = await httpServer((_request, socket) => {
    sockets.push(socket);
    if (sockets.length > 1) return null;
    socket.once("close", () => {
      ended = true;
    });
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [
    { kind: "retry", attempts: 1, backoffMs: 0 },
    { kind: "deadline", afterMs: 1_500 },
  ]);
  const answer = ask(proxy.port("llm"));
  await until(() => ended && sockets.length === 2);
  sockets[1]?.write(ok("fine"));
  expect((await answer).text).toBe("fine");
});

test("deadline: a head without a body is no first byte", async () => {
  await using upstream = await httpServer((_request, socket) => {
    socket.write(CHUNKED);
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [{ kind: "deadline", afterMs: 50 }]);
  expect((await ask(proxy.port("llm"))).status).toBe(504);
});

test("deadline: an answer that has begun streams as it comes, for as long as it likes", async () => {
  let go = (): void => {};
  await using upstream = await httpServer((_request, socket) => {
    socket.write(`${CHUNKED}3\r\none\r\n`);
    go = () => void socket.write("3\r\ntwo\r\n0\r\n\r\n");
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [{ kind: "deadline", afterMs: 2_000 }]);
  const heard: string[] = [];
  const answer = await ask(proxy.port("llm"), {
    onBytes: (text) => {
      heard.push(text);
      // The upstream goes on only when the caller has the first piece.
      if (text === "one") go();
    },
  });
  expect([answer.status, answer.text, heard]).toEqual([200, "onetwo", ["one", "two"]]);
  expect(await counts(proxy)).toEqual([[1, 0]]);
});

test("hedge: where the first call has no answer a second wins, and the first is ended", async () => {
  await using upstream = await httpServer(() => ok("fine"));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const late = { delayMs: MINUTE_MS, jitterMs: 0, distribution: "constant" } as const;
  await proxy.setFaults([
    placed({ kind: "http-delay", before: "request", ...late }, { type: "pattern", pattern: [true, false] }),
  ]);
  await setRemedies(proxy, [{ kind: "hedge", afterMs: 20 }]);
  const answer = await ask(proxy.port("llm"));
  expect([answer.status, answer.text]).toEqual([200, "fine"]);
  expect(await counts(proxy)).toEqual([[1, 1]]);
  await until(async () => (await proxy.records()).length === 2);
  expect((await proxy.records()).map(({ end, status }) => [end, status])).toEqual(
    expect.arrayContaining([
      ["complete", 200],
      ["client-abort", 0],
    ]),
  );
});

test("hedge: the other call is ended while the winner still streams", async () => {
  const sockets: Socket[] = [];
  await using upstream = await httpServer((_request, socket) => {
    sockets.push(socket);
    // The winner goes on when the other is gone.
    if (sockets.length === 1) socket.once("close", () => sockets[1]?.write("3\r\ntwo\r\n0\r\n\r\n"));
    return sockets.length === 1 ? null : `${CHUNKED}3\r\none\r\n`;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [{ kind: "hedge", afterMs: 10 }]);
  expect((await ask(proxy.port("llm"))).text).toBe("onetwo");
});

test("hedge: a good answer beats an earlier bad one; two bad ones are one bad answer", async () => {
  const answers = [
    (): string | null => null,
    () => "HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy",
    () => "HTTP/1.1 500 Broken\r\ncontent-length: 3\r\n\r\nbad",
  ];
  let calls = 0;
  let first: (text: string) => void = () => {};
  await using upstream = await httpServer((_request, socket) => {
    const answer = answers[calls++]?.() ?? null;
    if (calls === 1) first = (text) => void socket.write(text);
    if (answer !== null) setImmediate(() => first(last));
    return answer;
  });
  let last = ok("good, late");
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [{ kind: "hedge", afterMs: 10 }]);
  expect((await ask(proxy.port("llm"))).text).toBe("good, late");
  calls = 0;
  last = "HTTP/1.1 500 Broken\r\ncontent-length: 3\r\n\r\nbad";
  expect([500, 503]).toContain((await ask(proxy.port("llm"))).status);
  // A failure before its time is no matter of a hedge.
  calls = 1;
  await setRemedies(proxy, [{ kind: "hedge", afterMs: MINUTE_MS }]);
  expect((await ask(proxy.port("llm"))).text).toBe("busy");
  expect(await counts(proxy)).toEqual([[1, 0]]);
});

test("retry-after-cap: 30 s become 1, everything else stays", async () => {
  await using upstream = await httpServer(() => ok("fine", "Retry-After: 1\r\nX-Other: 30\r\n"));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([
    placed(
      {
        kind: "http-error",
        status: 429,
        headers: {
          "Retry-After": "30",
          "retry-after-ms": "30000",
          "x-ratelimit-reset-tokens": "6m0s",
          "X-Other": "30",
        },
      },
      { type: "pattern", pattern: [true, false] },
    ),
  ]);
  await setRemedies(proxy, [{ kind: "retry-after-cap", mostMs: 400 }]);
  const { status, headers } = await ask(proxy.port("llm"));
  expect(status).toBe(429);
  expect(headers).toMatchObject({
    "retry-after": "1",
    "retry-after-ms": "400",
    "x-ratelimit-reset-tokens": "400ms",
    "x-other": "30",
  });
  const spared = await ask(proxy.port("llm"));
  expect(spared.headers).toMatchObject({ "retry-after": "1", "x-other": "30" });
  expect(await counts(proxy)).toEqual([[2, 1]]);
});

const NOW_MS = Date.UTC(2026, 0, 1);
test.each([
  ["Retry-After", "30", 1_500, "2"],
  ["retry-after", "2", 1_500, "2"],
  ["retry-after", "30", 0, "0"],
  ["retry-after", new Date(NOW_MS + 30_000).toUTCString(), 5_000, "5"],
  ["retry-after", new Date(NOW_MS + 3_000).toUTCString(), 5_000, new Date(NOW_MS + 3_000).toUTCString()],
  ["retry-after", new Date(NOW_MS - 3_000).toUTCString(), 5_000, new Date(NOW_MS - 3_000).toUTCString()],
  ["retry-after", "soon", 0, "soon"],
  ["retry-after", "-1", 0, "-1"],
  ["Retry-After-Ms", "900.5", 100, "100"],
  ["retry-after-ms", "90", 100, "90"],
  ["x-ratelimit-reset-requests", "1.5s", 1_000, "1000ms"],
  ["x-ratelimit-reset-requests", "20ms", 1_000, "20ms"],
  ["x-ratelimit-reset-requests", "1767225600", 1_000, "1767225600"],
  ["x-ratelimit-limit-requests", "6m0s", 1_000, "6m0s"],
])("retry-after-cap: %s: %s, at most %i ms, becomes %s", (name, value, mostMs, capped) => {
  expect(cappedWait(name, value, mostMs, NOW_MS)).toBe(capped);
});

test("retry-after-cap: whatever stands there, nothing tells to wait for longer, and capping twice is capping once", () => {
  const names = fc.constantFrom("retry-after", "retry-after-ms", "x-ratelimit-reset-tokens");
  const values = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.nat().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.tuple(fc.nat(99), fc.nat(59), fc.nat(999)).map(([m, s, ms]) => `${m}m${s}s${ms}ms`),
  );
  fc.assert(
    fc.property(names, values, fc.nat(100_000), (name, value, mostMs) => {
      const capped = cappedWait(name, value, mostMs, NOW_MS);
      expect(cappedWait(name, capped, mostMs, NOW_MS)).toBe(capped);
      if (capped === value) return;
      const [, amount = "", unit = ""] = /^(\d+)(ms)?$/.exec(capped) ?? [];
      const toldMs = name === "retry-after" ? Number(amount) * 1_000 : Number(amount);
      expect(unit === "ms").toBe(name.startsWith("x-ratelimit"));
      expect(toldMs).toBeLessThan(mostMs + 1_000);
    }),
  );
});
