/** What stands between callers and faults, whichever remedies it plays. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { edgeTo, exchange, get, httpServer, listen, ok, placed, sidecar, until } from "../support/peers.ts";
import { ask, counts, keptConnection, remediesOf, setRemedies } from "../support/remedied.ts";

const MINUTE_MS = 60_000;
/** Does nothing to any call of these tests. */
const IDLE = { kind: "retry-after-cap", mostMs: MINUTE_MS } as const;
const error503 = placed(
  { kind: "http-error", status: 503, headers: {} },
  { type: "pattern", pattern: [true, false] },
);
const retry = { kind: "retry", attempts: 1, backoffMs: 0 } as const;

test("a kept connection from before is met from its next call on, and from the one under way none is broken", async () => {
  const slowAnswers: (() => void)[] = [];
  await using upstream = await httpServer((request, socket) => {
    if (!request.startsWith("GET /slow")) return ok();
    slowAnswers.push(() => void socket.write(ok("slow")));
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const port = proxy.port("llm");
  const [idle, busy] = [keptConnection(), keptConnection()];
  await ask(port, { agent: idle });
  const slow = ask(port, { agent: busy, path: "/slow" });
  await until(() => slowAnswers.length === 1);
  await setRemedies(proxy, [IDLE]);
  expect(await counts(proxy)).toEqual([[0, 0]]);
  await ask(port, { agent: idle });
  expect(await counts(proxy)).toEqual([[1, 0]]);
  slowAnswers[0]?.();
  expect((await slow).text).toBe("slow");
  expect(await counts(proxy)).toEqual([[1, 0]]);
  await ask(port, { agent: busy });
  expect(await counts(proxy)).toEqual([[2, 0]]);
  // The same two connections of the callers all the time.
  const active = (await (await proxy.call("GET", "/active")).json()) as { accepted: Record<string, number> };
  expect(active.accepted["llm"]).toBe(2);
  expect((await proxy.records()).map(({ path, end }) => [path, end])).toEqual([
    ["/", "complete"],
    ["/", "complete"],
    ["/slow", "complete"],
    ["/", "complete"],
  ]);
  idle.destroy();
  busy.destroy();
});

test("pipelined behind a call under way, a request is answered all the same", async () => {
  const slowAnswers: (() => void)[] = [];
  await using upstream = await httpServer((request, socket) => {
    if (!request.startsWith("GET /slow")) return ok("quick");
    slowAnswers.push(() => void socket.write(ok("slow")));
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([{ ...error503, marks: { type: "pattern", pattern: [false] } }]);
  const both = exchange(proxy.port("llm"), [get("/slow"), get("/quick")], {
    until: (text) => text.endsWith("quick"),
  });
  await until(() => slowAnswers.length === 1);
  await setRemedies(proxy, [IDLE]);
  slowAnswers[0]?.();
  expect((await both).bytes.toString("latin1")).toBe(ok("slow") + ok("quick"));
});

test("none in force, none any more, and none on this edge: the same bytes", async () => {
  const odd =
    "HTTP/1.1 200 Fine\r\nx-CaSe:  two  \r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n000\r\nT: 1\r\n\r\n";
  const requests: string[] = [];
  const peer = () =>
    httpServer((request) => {
      requests.push(request);
      return odd;
    });
  await using one = await peer();
  await using two = await peer();
  await using proxy = await sidecar([edgeTo(one.port), edgeTo(two.port, "other")]);
  const asked = "GET /a HTTP/1.1\r\nhOsT:   x\r\nX-b:y\r\n\r\n";
  const heard = async (edge = "llm"): Promise<string> =>
    (
      await exchange(proxy.port(edge), asked, {
        until: (text) => text.endsWith("\r\n\r\n") && text.includes("000"),
      })
    ).bytes.toString("latin1");
  expect(await heard()).toBe(odd);
  await setRemedies(proxy, [IDLE]);
  expect(await heard("other")).toBe(odd);
  const remedied = (
    await exchange(proxy.port("llm"), asked, { until: (text) => text.includes("T: 1\r\n\r\n") })
  ).bytes;
  // Headers keep their case and order; the framing is made anew.
  expect(remedied.toString("latin1")).toBe(
    "HTTP/1.1 200 Fine\r\nx-CaSe: two\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
  );
  expect(requests.at(-1)).toMatch(/^GET \/a HTTP\/1\.1\r\nhOsT: x\r\nX-b: y\r\n/);
  await setRemedies(proxy, []);
  expect(await heard()).toBe(odd);
  expect(requests.filter((request) => request !== asked)).toHaveLength(1);
});

test("remedies end by their own deadline: counts stay readable, no call is broken, their connections end with an answer", async () => {
  const slowAnswers: (() => void)[] = [];
  await using upstream = await httpServer((request, socket) => {
    if (!request.startsWith("GET /slow")) return ok();
    slowAnswers.push(() => void socket.write(ok("slow")));
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const port = proxy.port("llm");
  await setRemedies(proxy, [IDLE], { deadlineMs: 2_500 });
  const kept = keptConnection();
  await ask(port, { agent: kept });
  const slow = ask(port, { path: "/slow" });
  await until(() => slowAnswers.length === 1);
  expect(await remediesOf(proxy)).toMatchObject({
    expired: false,
    receipts: [{ on: "llm", seen: 2, acted: 0 }],
  });
  await until(async () => (await remediesOf(proxy)).expired);
  slowAnswers[0]?.();
  expect((await slow).text).toBe("slow");
  const last = await ask(port, { agent: kept });
  expect([last.status, last.headers["connection"]]).toEqual([200, "close"]);
  expect((await ask(port, { agent: kept })).headers["connection"]).toBeUndefined();
  kept.destroy();
  expect(await remediesOf(proxy)).toEqual({
    expired: true,
    receipts: [{ on: "llm", kind: "retry-after-cap", seen: 2, acted: 0 }],
  });
});

test("a caller that goes away ends the calls made for it", async () => {
  const seen: string[] = [];
  let gone = 0;
  await using upstream = await httpServer((request, socket) => {
    seen.push(request);
    socket.once("close", () => gone++);
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [
    { kind: "hedge", afterMs: 1 },
    { kind: "retry", attempts: 5, backoffMs: 1 },
  ]);
  const hangUp = new AbortController();
  const call = ask(proxy.port("llm"), { signal: hangUp.signal });
  await until(() => seen.length === 2);
  hangUp.abort();
  await expect(call).rejects.toThrow(/abort/i);
  await until(() => gone === 2);
  await until(async () => (await proxy.records()).length === 2);
  expect((await proxy.records()).map(({ end }) => end)).toEqual(["client-abort", "client-abort"]);
  expect(seen).toHaveLength(2);
});

test("a caller that goes away in mid-answer ends its call", async () => {
  let gone = false;
  await using upstream = await httpServer((_request, socket) => {
    socket.once("close", () => {
      gone = true;
    });
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [IDLE, { kind: "cache", forMs: MINUTE_MS, entries: 1 }]);
  const hangUp = new AbortController();
  const call = ask(proxy.port("llm"), { signal: hangUp.signal, onBytes: () => hangUp.abort() });
  await expect(call).rejects.toThrow(/abort/i);
  await until(() => gone);
});

test("several remedies: the first is nearest to the caller", async () => {
  await using upstream = await httpServer(() => ok("fine"));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const breaker = { kind: "circuit-breaker", failures: 1, openMs: MINUTE_MS } as const;
  await proxy.setFaults([error503]);
  // Within the retry the breaker is open at the second try; around it, it sees one good call.
  await setRemedies(proxy, [retry, breaker]);
  expect((await ask(proxy.port("llm"))).status).toBe(503);
  expect(await counts(proxy)).toEqual([
    [1, 1],
    [2, 1],
  ]);
  await proxy.setFaults([error503]);
  await setRemedies(proxy, [breaker, retry]);
  expect((await ask(proxy.port("llm"))).status).toBe(200);
  expect(await counts(proxy)).toEqual([
    [1, 0],
    [1, 1],
  ]);
});

test("on the client edge a retried request is one request of its key", async () => {
  await using service = await httpServer(() => ok("fine"));
  await using proxy = await sidecar([edgeTo(service.port, "client")]);
  await proxy.setFaults([placed({ kind: "http-abort", on: "client", first: 1 })]);
  await setRemedies(proxy, [retry], { on: "client" });
  const headers = { "x-squall-request": "q~0", baggage: "squall=q~0" };
  expect((await ask(proxy.port("client"), { headers })).text).toBe("fine");
  expect((await proxy.records()).map(({ requestKey, end }) => [requestKey, end])).toEqual([
    ["q~0", "cut-by-fault"],
    ["q~0", "complete"],
  ]);
});

test("a request beyond what is kept passes through, once, and a kept one is sent again whole", async () => {
  const lengths: number[] = [];
  await using upstream = await listen((socket) => {
    let bytes = 0;
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (!chunk.toString("latin1").endsWith("END")) return;
      lengths.push(bytes);
      bytes = 0;
      socket.write("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [
    { kind: "deadline", afterMs: MINUTE_MS },
    { ...retry, attempts: 2 },
  ]);
  const kept = Buffer.alloc(1024 * 1024, "x");
  kept.write("END", kept.length - 3);
  expect((await ask(proxy.port("llm"), { method: "POST", body: kept })).status).toBe(500);
  const [first = 0] = lengths;
  expect(first).toBeGreaterThan(kept.length);
  expect(lengths).toEqual([first, first, first]);
  const passing = Buffer.alloc(9 * 1024 * 1024, "x");
  passing.write("END", passing.length - 3);
  expect((await ask(proxy.port("llm"), { method: "POST", body: passing })).status).toBe(500);
  expect(lengths.slice(3)).toHaveLength(1);
  expect(lengths[3]).toBeGreaterThan(passing.length);
  expect(await counts(proxy)).toEqual([
    [2, 0],
    [2, 1],
  ]);
});

test("upgrades and CONNECT pass unread, and half-close", async () => {
  await using upstream = await listen((socket) => {
    socket.once("data", (head: Buffer) => {
      const upgraded = head.toString("latin1").startsWith("GET");
      socket.write(
        upgraded ? "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n",
      );
      socket.on("data", (chunk: Buffer) => socket.write(chunk));
      socket.on("end", () => socket.end("bye"));
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [retry]);
  for (const head of [
    get("/ws", "connection: Upgrade\r\nupgrade: x\r\n"),
    "CONNECT host:1 HTTP/1.1\r\nhost: host:1\r\n\r\n",
  ]) {
    const socket = connect({ port: proxy.port("llm"), host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.write(head);
    await until(() => text.includes("\r\n\r\n"));
    socket.write("\0binary");
    await until(() => text.endsWith("\0binary"));
    socket.end();
    await once(socket, "end");
    expect(text).toMatch(/\0binarybye$/);
    socket.destroy();
  }
  expect(await counts(proxy)).toEqual([[0, 0]]);
});

test("HEAD, 204, 304, close-delimited and bodiless POST keep their framing", async () => {
  const requests: string[] = [];
  await using upstream = await httpServer((request, socket) => {
    requests.push(request);
    if (request.startsWith("HEAD")) return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    if (request.startsWith("GET /204")) return "HTTP/1.1 204 No Content\r\n\r\n";
    if (request.startsWith("GET /304")) return "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
    if (request.startsWith("POST")) return ok("posted");
    socket.end("HTTP/1.1 200 OK\r\n\r\nto the end");
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [IDLE]);
  const said = async (request: string, end: string): Promise<string> =>
    (await exchange(proxy.port("llm"), request, { until: (text) => text.endsWith(end) })).bytes.toString(
      "latin1",
    );
  expect(await said("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", "\r\n\r\n")).toBe(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
  );
  expect(await said(get("/204"), "\r\n\r\n")).toBe("HTTP/1.1 204 No Content\r\n\r\n");
  expect(await said(get("/304"), "\r\n\r\n")).toBe("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
  expect(await said("POST / HTTP/1.1\r\nhost: x\r\n\r\n", "posted")).toBe(ok("posted"));
  expect(requests.at(-1)).toMatch(/content-length: 0\r\n/i);
  const closing = await exchange(proxy.port("llm"), get("/close"));
  expect([closing.bytes.toString("latin1"), closing.end]).toEqual([
    "HTTP/1.1 200 OK\r\n\r\nto the end",
    "fin",
  ]);
});

test.each([
  ["a FIN in mid-answer", false, "fin"],
  ["a reset in mid-answer", true, "reset"],
] as const)("%s is passed on as it is, behind what came before it", async (_name, resets, end) => {
  await using upstream = await httpServer((_request, socket) => {
    const half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    if (resets) socket.write(half, () => setTimeout(() => socket.resetAndDestroy(), 50));
    else socket.end(half);
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [IDLE]);
  const heard = await exchange(proxy.port("llm"), get());
  expect([heard.bytes.toString("latin1").endsWith("half"), heard.end]).toEqual([true, end]);
});
