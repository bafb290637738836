import { expect, test } from "vitest";
import { edgeTo, httpServer, ok, placed, sidecar } from "../support/peers.ts";
import { ask, counts, setRemedies } from "../support/remedied.ts";

const retry = (attempts = 1) => ({ kind: "retry", attempts, backoffMs: 0 }) as const;
const SSE = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const delta = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content: text }, finish_reason: finish }] })}\n\n`;

/** Answers each call with the next of the answers; the last again and again. */
const inTurn = (answers: readonly (string | null)[]) => {
  const requests: string[] = [];
  const server = httpServer((request, socket) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? null;
    requests.push(request);
    if (answer === null) socket.resetAndDestroy();
    else if (answer.endsWith("#FIN")) socket.end(answer.slice(0, -4));
    else if (answer.endsWith("#RST")) socket.write(answer.slice(0, -4), () => socket.resetAndDestroy());
    else return answer;
    return null;
  });
  return { requests, server };
};

test("a first attempt that a fault answers 503 is called again, and each try is a call on the edge", async () => {
  const { requests, server } = inTurn([ok("fine")]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([
    placed({ kind: "http-error", status: 503, headers: {} }, { type: "keys", keys: ["q~0"] }),
  ]);
  await setRemedies(proxy, [retry()]);
  const body = JSON.stringify({ prompt: "what is rain?" });
  const headers = { "x-squall-request": "q~0" };
  const answer = await ask(proxy.port("llm"), { method: "POST", path: "/v1/chat", body, headers });
  expect([answer.status, answer.text]).toEqual([200, "fine"]);
  expect(requests).toHaveLength(1);
  expect(requests[0]).toContain(body);
  expect(requests[0]).toContain("x-squall-request: q~0");
  const records = await proxy.records();
  expect(records.map(({ status, attempt, requestKey, end }) => [status, attempt, requestKey, end])).toEqual([
    [503, 1, "q~0", "answered-by-fault"],
    [200, 2, "q~0", "complete"],
  ]);
  expect((await proxy.receipts()).receipts).toMatchObject([{ seen: 2, affected: 1 }]);
  expect(await counts(proxy)).toEqual([[1, 1]]);
  // Nothing to do: seen alone.
  await ask(proxy.port("llm"));
  expect(await counts(proxy)).toEqual([[2, 1]]);
});

test.each([
  ["408", "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"],
  ["429", "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n"],
  ["500", "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\nno"],
  ["a reset without an answer", null],
  ["a FIN without an answer", "#FIN"],
  ["an answer shorter than its length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf#FIN"],
  ["a reset in mid-answer", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf#RST"],
  ["chunks without their end", `${SSE}${chunk(delta("a"))}#FIN`],
  ["an OpenAI stream that ends without finish reason", `${SSE}${chunk(delta("a"))}0\r\n\r\n`],
  [
    "an Anthropic stream without message_stop",
    `${SSE}${chunk('event: message_start\ndata: {"type":"message_start"}\n\n')}0\r\n\r\n`,
  ],
])("%s is called again", async (_name, bad) => {
  const { requests, server } = inTurn([bad, bad, ok("fine")]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [retry(2)]);
  const answer = await ask(proxy.port("llm"));
  expect([answer.status, answer.text]).toEqual([200, "fine"]);
  expect(requests).toHaveLength(3);
  expect(await counts(proxy)).toEqual([[1, 1]]);
});

test.each([
  ["404", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404, ""],
  [
    "[DONE]",
    `${SSE}${chunk(`${delta("a")}data: [DONE]\n\n`)}0\r\n\r\n`,
    200,
    `${delta("a")}data: [DONE]\n\n`,
  ],
  ["a finish reason", `${SSE}${chunk(delta("a", "stop"))}0\r\n\r\n`, 200, delta("a", "stop")],
  ["a stream of the service's own", `${SSE}${chunk("data: hello\n\n")}0\r\n\r\n`, 200, "data: hello\n\n"],
])("%s is no failure", async (_name, good, status, text) => {
  const { requests, server } = inTurn([good]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [retry(2)]);
  const answer = await ask(proxy.port("llm"));
  expect([answer.status, answer.text]).toEqual([status, text]);
  expect(requests).toHaveLength(1);
  expect(await counts(proxy)).toEqual([[1, 0]]);
});

test("what still fails after the last attempt is passed on as it is", async () => {
  const { requests, server } = inTurn([
    "HTTP/1.1 503 Busy\r\nX-Why: load\r\ncontent-length: 4\r\n\r\nbusy",
    "HTTP/1.1 503 Still Busy\r\nX-Why: load\r\ncontent-length: 4\r\n\r\nbusy",
  ]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [retry(3)]);
  const answer = await ask(proxy.port("llm"));
  expect([answer.status, answer.headers["x-why"], answer.text]).toEqual([503, "load", "busy"]);
  expect(requests).toHaveLength(4);
  const gone = inTurn([null]);
  await using dead = await gone.server;
  await using other = await sidecar([edgeTo(dead.port)]);
  await setRemedies(other, [retry(1)]);
  await expect(ask(other.port("llm"))).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(gone.requests).toHaveLength(2);
});

test("the listener's faults are met by the tries, not by the caller", async () => {
  const { requests, server } = inTurn([ok("fine")]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await setRemedies(proxy, [{ kind: "retry", attempts: 50, backoffMs: 20 }]);
  await proxy.setFaults([placed({ kind: "refuse", forMs: 150 })]);
  const answer = await ask(proxy.port("llm"));
  expect([answer.status, answer.text]).toEqual([200, "fine"]);
  expect(requests).toHaveLength(1);
  const [receipt] = (await proxy.receipts()).receipts;
  expect(receipt?.affected).toBeGreaterThan(0);
  expect(await counts(proxy)).toEqual([[1, 1]]);
});

test.each(["fault first", "remedy first"])(
  "remedies ended under a closed listener leave it closed (%s)",
  async (order) => {
    const { server } = inTurn([ok("fine")]);
    await using upstream = await server;
    await using proxy = await sidecar([edgeTo(upstream.port)]);
    const steps = [() => proxy.setFaults([placed({ kind: "refuse" })]), () => setRemedies(proxy, [retry()])];
    for (const step of order === "fault first" ? steps : steps.toReversed()) await step();
    expect((await proxy.receipts()).receipts).toMatchObject([{ affected: 1 }]);
    await expect(ask(proxy.port("llm"))).rejects.toMatchObject({ code: "ECONNRESET" });
    await setRemedies(proxy, []);
    await expect(ask(proxy.port("llm"))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await proxy.setFaults([]);
    expect((await ask(proxy.port("llm"))).text).toBe("fine");
  },
);

test("a connection refused by running number is dialled again", async () => {
  const { requests, server } = inTurn([ok("fine")]);
  await using upstream = await server;
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "refuse" }, { type: "pattern", pattern: [true, false] })]);
  await setRemedies(proxy, [retry()]);
  expect((await ask(proxy.port("llm"))).text).toBe("fine");
  expect(requests).toHaveLength(1);
  expect((await proxy.receipts()).receipts).toMatchObject([{ seen: 2, affected: 1 }]);
});
