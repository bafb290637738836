import { expect, test } from "vitest";
import { edgeTo, exchange, get, httpServer, listen, ok, placed, sidecar, until } from "../support/peers.ts";
import { CHAT, modelEdge, rawEdge, STREAM } from "./model-edge.ts";

const html =
  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-One: 1\r\nContent-Length: 20\r\n\r\n<p>twenty letters</p";
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const seen = (affected: number, seen = affected) => ({ faultId: "f1", edge: "llm", seen, affected });

test.each(["request", "response"] as const)("http-delay holds back the %s by its time", async (before) => {
  await using edge = await modelEdge();
  const calm = await edge.ask(CHAT);
  await edge.setFault({ kind: "http-delay", before, delayMs: 120, jitterMs: 0, distribution: "constant" });
  const late = await edge.ask(CHAT);
  expect(late.firstMs).toBeGreaterThanOrEqual(119);
  expect(late.text).toBe(calm.text);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("http-delay is over at once when it is cleared", async () => {
  await using edge = await modelEdge();
  await edge.setFault({
    kind: "http-delay",
    before: "response",
    delayMs: 60_000,
    jitterMs: 0,
    distribution: "constant",
  });
  const pending = edge.ask(CHAT);
  await until(async () => (await edge.receipt())?.affected === 1);
  await edge.clear();
  expect((await pending).status).toBe(200);
});

test("http-abort resets the connection, and upstream sees nothing", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "http-abort" });
  await expect(edge.ask(CHAT)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await edge.receipt()).toEqual(seen(1));
  expect((await edge.records()).map(({ end, status, faults }) => ({ end, status, faults }))).toEqual([
    { end: "cut-by-fault", status: 0, faults: ["f1"] },
  ]);
});

test.each(["truncate", "drop-key", "type-swap"] as const)(
  "body-corrupt %s makes a whole JSON answer wrong, and keeps its length honest",
  async (mutation) => {
    await using edge = await modelEdge();
    const calm = await edge.ask(CHAT);
    await edge.setFault({ kind: "body-corrupt", mutation });
    const heard = await edge.ask(CHAT);
    expect(heard.end).toBe("whole");
    expect(heard.status).toBe(200);
    expect(heard.headers["content-length"]).toBe(String(Buffer.byteLength(heard.text)));
    expect(heard.text).not.toBe(calm.text);
    expect(isJson(heard.text)).toBe(mutation !== "truncate");
    expect(await edge.receipt()).toEqual(seen(1));
  },
);

test("body-corrupt bytes overwrites exactly so many bytes", async () => {
  await using edge = await modelEdge();
  const calm = await edge.ask(CHAT);
  await edge.setFault({ kind: "body-corrupt", bytes: 3 });
  const heard = await edge.ask(CHAT);
  expect(heard.text).toHaveLength(calm.text.length);
  expect(heard.text.split("\0")).toHaveLength(4);
});

test.each(["{", '{"bytes":1}'])("body-corrupt leaves error answers alone (%s)", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "body-corrupt", mutation: "truncate" });
  expect((await edge.ask({ no: "messages" })).text).toContain("you must provide a model");
  expect(await edge.receipt()).toEqual(seen(0, 1));
});

test("body-corrupt breaks one event of a stream, and no other", async () => {
  await using edge = await modelEdge();
  const calm = await edge.ask(STREAM);
  await edge.setFault({ kind: "body-corrupt", mutation: "truncate" });
  const heard = await edge.ask(STREAM);
  const changed = heard.events.filter(({ data }, index) => data !== calm.events[index]?.data);
  expect(changed).toHaveLength(1);
  expect(() => JSON.parse(changed[0]?.data ?? "{}") as unknown).toThrow(SyntaxError);
});

test("body-corrupt cuts a body that is no JSON off, too", async () => {
  await using edge = await rawEdge([html]);
  await edge.setFault({ kind: "body-corrupt", mutation: "truncate" });
  const heard = await edge.ask(null);
  expect(heard.end).toBe("whole");
  expect(heard.text.length).toBeLessThan(20);
  expect(html.endsWith(heard.text)).toBe(false);
});

test("header-drop takes a header from the answer, and counts only where it was there", async () => {
  await using edge = await rawEdge([html]);
  await edge.setFault({ kind: "header-drop", header: "content-TYPE", side: "response" });
  const heard = await edge.ask(null);
  expect(heard.headers).not.toHaveProperty("content-type");
  expect(heard.headers).toHaveProperty("x-one", "1");
  expect(await edge.receipt()).toEqual(seen(1));
  await edge.setFault({ kind: "header-drop", header: "x-absent", side: "response" });
  await edge.ask(null);
  expect(await edge.receipt()).toEqual(seen(0, 1));
});

test("header-drop takes a header from the request as upstream sees it", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "header-drop", header: "content-length", side: "request" });
  // Without its length the body is not there for the stub, which then finds no JSON.
  expect((await edge.ask(CHAT)).status).toBe(400);
});

test("header-set gives a header another value, adds one that was not there, and keeps its place", async () => {
  await using edge = await rawEdge([html]);
  await edge.setFault({
    kind: "header-set",
    header: "content-type",
    value: "application/json",
    side: "response",
  });
  const heard = await edge.ask(null);
  expect(Object.entries(heard.headers)).toEqual([
    ["content-type", "application/json"],
    ["x-one", "1"],
    ["content-length", "20"],
  ]);
  await edge.setFault({ kind: "header-set", header: "x-two", value: "2", side: "response" });
  expect((await edge.ask(null)).headers).toHaveProperty("x-two", "2");
  await edge.setFault({ kind: "header-set", header: "x-one", value: "1", side: "response" });
  await edge.ask(null);
  expect(await edge.receipt()).toEqual(seen(0, 1));
});

test("header-set changes a request as upstream sees it, in its place, or adds to it", async () => {
  const seenHeads: string[] = [];
  await using upstream = await httpServer((request) => {
    seenHeads.push(request);
    return ok();
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const ask = (): Promise<unknown> =>
    exchange(proxy.port("llm"), get("/a", "Authorization: Bearer good\r\nX-Last: 1\r\n"), {
      until: (text) => text.endsWith("hello"),
    });
  const head = (...lines: readonly string[]): string => `GET /a HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
  const set = (header: string, value: string) =>
    proxy.setFaults([placed({ kind: "header-set", header, value, side: "request" })]);
  const receipt = async () => (await proxy.receipts()).receipts[0];
  await set("authorization", "Bearer expired");
  await ask();
  expect(await receipt()).toEqual(seen(1));
  await set("X-New", "2");
  await ask();
  expect(await receipt()).toEqual(seen(1));
  await set("x-last", "1");
  await ask();
  expect(await receipt()).toEqual(seen(0, 1));
  expect(seenHeads).toEqual([
    head("host: x", "Authorization: Bearer expired", "X-Last: 1"),
    head("host: x", "Authorization: Bearer good", "X-Last: 1", "X-New: 2"),
    head("host: x", "Authorization: Bearer good", "X-Last: 1"),
  ]);
});

test("buffering holds a stream back and releases it in clumps", async () => {
  await using edge = await modelEdge({ firstTokenMs: 10, perTokenMs: 12 });
  const calm = await edge.ask(STREAM);
  await edge.setFault({ kind: "buffering", flushBytes: 1_000_000 });
  const heard = await edge.ask(STREAM);
  expect(heard.text).toBe(calm.text);
  expect(calm.firstMs).toBeLessThan(calm.endMs);
  expect(heard.firstMs).toBeGreaterThanOrEqual(140);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("buffering releases a clump as soon as it is full, and all when cleared", async () => {
  await using edge = await modelEdge({ firstTokenMs: 0, perTokenMs: 10, minTokens: 400, maxTokens: 400 });
  await edge.setFault({ kind: "buffering", flushBytes: 1_000_000 });
  const pending = edge.ask({ ...STREAM, max_tokens: 40 });
  await until(async () => (await edge.receipt())?.affected === 1);
  await edge.clear();
  const heard = await pending;
  expect(heard.end).toBe("whole");
  // Once cleared, what follows comes as it is generated: 400 ms in all.
  expect(heard.events).toHaveLength(43);
  expect(heard.endMs - (heard.events[25]?.atMs ?? 0)).toBeGreaterThan(50);
});

test("buffering is no hit where the whole answer came in one piece", async () => {
  await using edge = await rawEdge([html]);
  await edge.setFault({ kind: "buffering", flushBytes: 4_096 });
  expect((await edge.ask(null)).text).toBe("<p>twenty letters</p");
  expect(await edge.receipt()).toEqual(seen(0, 1));
});

test("idle-cut closes a connection that is silent in mid-answer", async () => {
  await using edge = await modelEdge({ firstTokenMs: 0, perTokenMs: 5_000 });
  await edge.setFault({ kind: "idle-cut", idleMs: 80 });
  const heard = await edge.ask(STREAM);
  expect(heard.end).toBe("broken");
  expect(heard.endMs).toBeGreaterThanOrEqual(79);
  expect(heard.endMs).toBeLessThan(4_000);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("idle-cut spares a stream that keeps talking", async () => {
  await using edge = await modelEdge({ firstTokenMs: 5, perTokenMs: 20 });
  await edge.setFault({ kind: "idle-cut", idleMs: 2_000 });
  expect((await edge.ask(STREAM)).end).toBe("whole");
  expect(await edge.receipt()).toEqual(seen(0, 1));
});

test("idle-cut closes a silent connection on a TCP edge as well, and between requests", async () => {
  await using upstream = await listen((socket) => socket.write("hello"));
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([placed({ kind: "idle-cut", idleMs: 60 })]);
  const heard = await exchange(proxy.port("llm"), "x");
  expect(heard).toMatchObject({ end: "fin", bytes: Buffer.from("hello") });
  expect(heard.endMs).toBeGreaterThanOrEqual(59);
  await using server = await httpServer(() => ok());
  await using http = await sidecar([edgeTo(server.port)]);
  await http.setFaults([placed({ kind: "idle-cut", idleMs: 60 })]);
  // No condition to stop at: the connection is kept alive until the fault closes it.
  const kept = await exchange(http.port("llm"), get());
  expect(kept).toMatchObject({ end: "fin", bytes: Buffer.from(ok()) });
});

test("keepalive-race resets a reused connection that was idle, and spares fresh ones", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "keepalive-race", idleMs: 30 });
  expect((await edge.ask(CHAT)).status).toBe(200);
  expect((await edge.receipt())?.affected).toBe(0);
  // The idle time is what is tested.
  await new Promise((resolve) => setTimeout(resolve, 60));
  await expect(edge.ask(CHAT)).rejects.toMatchObject({
    code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
  });
  expect((await edge.ask(CHAT)).status).toBe(200);
  expect(await edge.receipt()).toEqual(seen(1, 3));
  await edge.setFault({ kind: "keepalive-race", idleMs: 60_000 });
  expect([(await edge.ask(CHAT)).status, (await edge.ask(CHAT)).status]).toEqual([200, 200]);
  expect(await edge.receipt()).toEqual(seen(0, 2));
});
