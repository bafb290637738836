import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import { Session } from "../../../src/adapters/load/session.ts";
import { startLoad } from "../../../src/adapters/load/start-load.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { answer, CORRECT, DONE, delta, HOSTILE } from "../../support/hostile-servers/behaviours.ts";
import { loadStart, planned, template } from "../../support/hostile-servers/load-start.ts";
import { rawServer } from "../../support/hostile-servers/raw-server.ts";

const signal = new AbortController().signal;
const idle = { window: 3, idleConnections: 0 };

interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly connections: () => number;
}

const httpServer = async (
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<HttpServer> => {
  let connections = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => {
      body += bytes.toString();
    });
    request.on("end", () => handle(request, response, body));
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
};

const okServer = (): Promise<HttpServer> => httpServer((_request, response) => void response.end("fine"));

describe("a window of planned requests", () => {
  test("is observed whole, in slot order, timed from the scheduled instants", async () => {
    await using server = await okServer();
    await using load = await startLoad(loadStart(server.url, [template("/a"), template("/b")]));
    const requests = Array.from({ length: 40 }, (_, slot) =>
      planned(slot, slot % 2 === 0 ? "/a" : "/b", { hit: slot === 5 }),
    );
    const before = performance.timeOrigin + performance.now();
    const result = await load.run({ ...idle, requests }, signal);
    expect(
      result.observations.map((one) => [one.window, one.slot, one.requestId, one.repetition, one.hit]),
    ).toEqual(requests.map((one) => [3, one.slot, one.requestId, one.repetition, one.hit]));
    expect(result.observations.map((one) => one.scheduledMs)).toEqual(requests.map((one) => one.atMs));
    for (const one of result.observations) {
      expect(one.outcome).toBe("ok");
      expect(one.lagMs).toBeGreaterThanOrEqual(0);
      expect(one.ttftMs).toBeGreaterThanOrEqual(one.lagMs);
      expect(one.latencyMs).toBeGreaterThanOrEqual(one.ttftMs ?? Number.POSITIVE_INFINITY);
    }
    expect(result.achievedRate).toBe(1);
    expect(result.startedAtMs).toBeGreaterThanOrEqual(before - 5);
    // The last request was scheduled 195 ms after the start.
    expect(result.endedAtMs - result.startedAtMs).toBeGreaterThanOrEqual(195);
    const lags = result.observations.map((one) => one.lagMs).sort((a, b) => a - b);
    expect(lags).toContain(Math.round(result.lagP99Ms * 1000) / 1000);
  });

  test("is counted while it runs: requests ended, and failed", async () => {
    let seenInside = -1;
    let asked = 0;
    await using server = await httpServer((_request, response) => {
      asked += 1;
      if (asked === 3) seenInside = load.counts().ended;
      response.writeHead(asked % 2 === 0 ? 500 : 200).end("x");
    });
    await using load = await startLoad(loadStart(server.url, [template("/a")]));
    expect(load.counts()).toEqual({ ended: 0, failed: 0 });
    // One at a time: when the third is asked for, the first two have ended.
    const requests = Array.from({ length: 6 }, (_, slot) => planned(slot, "/a", { atMs: slot * 150 }));
    await load.run({ ...idle, requests }, signal);
    expect(seenInside).toBe(2);
    expect(load.counts()).toEqual({ ended: 6, failed: 3 });
  });

  test("opens a connection a request when fresh, and few when reused", async () => {
    await using fresh = await okServer();
    await using reused = await okServer();
    const requests = Array.from({ length: 20 }, (_, slot) => planned(slot, "/a", { atMs: slot * 15 }));
    await using one = await startLoad(loadStart(fresh.url, [template("/a")]));
    await using other = await startLoad(loadStart(reused.url, [template("/a")], { connections: "reuse" }));
    await one.run({ ...idle, requests }, signal);
    await other.run({ ...idle, requests }, signal);
    expect(fresh.connections()).toBe(20);
    expect(reused.connections()).toBeLessThan(20);
  });

  test("survives a server that closes each kept connection after its answer", async () => {
    await using server = await rawServer({
      "/closes": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    });
    await using load = await startLoad(
      loadStart(server.url, [template("/closes")], { connections: "reuse" }),
    );
    for (let turn = 0; turn < 3; turn++) {
      const requests = [planned(0, "/closes", { repetition: turn })];
      const [seen] = (await load.run({ ...idle, requests }, signal)).observations;
      expect(seen?.outcome).toBe("ok");
      await vi.waitUntil(() => server.open() === 0);
    }
    expect(server.accepted()).toBe(3);
  });

  test("names each request in its headers, and draws nonces from seed, id and repetition", async () => {
    const seen: { headers: IncomingMessage["headers"]; url: string; body: string }[] = [];
    await using server = await httpServer((request, response, body) => {
      seen.push({ headers: request.headers, url: request.url ?? "", body });
      response.end("{}");
    });
    const request = template("/ask?n={{nonce}}", {
      id: "q 1",
      body: '{"q":"{{nonce}} and {{nonce}}"}',
      headers: { "X-Mine": "{{nonce}}", "content-length": "999", host: "elsewhere", "X-Both": "request" },
    });
    const start = loadStart(server.url, [request], { headers: { "X-Ours": "1", "x-both": "workload" } });
    for (let run = 0; run < 2; run++) {
      await using load = await startLoad(start);
      const requests = [planned(0, "q 1", { repetition: 4 }), planned(1, "q 1", { repetition: 5 })];
      await load.run({ ...idle, requests }, signal);
    }
    const nonces = seen.map((one) => String(one.headers["x-mine"]));
    expect(nonces[0]).toMatch(/^nonce-[0-9a-f]{16}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces.slice(2)).toEqual(nonces.slice(0, 2));
    expect(seen[0]?.body).toBe(`{"q":"${nonces[0]} and ${nonces[0]}"}`);
    expect(seen[0]?.url).toBe(`/ask?n=${nonces[0]}`);
    expect(seen[0]?.headers).toMatchObject({
      "x-squall-request": "q%201~4",
      baggage: "squall=q%201~4",
      "x-ours": "1",
      "x-both": "request",
      "content-type": "application/json",
      host: new URL(server.url).host,
      connection: "close",
    });
    expect(seen[0]?.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("leaves unsent what exceeds the limit in flight, and says so in the achieved rate", async () => {
    await using server = await rawServer(HOSTILE);
    await using load = await startLoad(
      loadStart(server.url, [template("/silent-headers")], { maxInFlight: 3 }),
    );
    const requests = Array.from({ length: 10 }, (_, slot) => planned(slot, "/silent-headers"));
    const result = await load.run({ ...idle, requests }, signal);
    const outcomes = result.observations.map((one) => one.outcome);
    expect(outcomes).toEqual([...Array(3).fill("timeout-headers"), ...Array(7).fill("unsent")]);
    expect(result.achievedRate).toBeCloseTo(0.3);
    expect(server.heads).toHaveLength(3);
  });

  test("holds idle connections while it runs, and lets them go", async () => {
    await using server = await rawServer({
      "/held": (socket, head) => answer({}, String(server.open()))(socket, head),
    });
    await using load = await startLoad(
      loadStart(server.url, [template("/held", { expect: { contains: ["6"] } })]),
    );
    const result = await load.run({ window: 0, requests: [planned(0, "/held")], idleConnections: 5 }, signal);
    expect(result.observations[0]?.outcome).toBe("ok");
    await vi.waitUntil(() => server.open() === 0);
  });
});

describe("a closed loop", () => {
  /** Answers after so long; tells when each request came and how many were open at most. */
  const slowServer = async (answerMs: number) => {
    let open = 0;
    let most = 0;
    const server = await httpServer((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end("fine");
      }, answerMs);
    });
    return Object.assign(server, { most: () => most });
  };
  const requests = Array.from({ length: 600 }, (_, slot) => planned(slot, "/a", { atMs: 0 }));
  const twoLoops = [
    { firstSlot: 0, endSlot: 300, startMs: 0, endMs: 600, concurrency: 3 },
    { firstSlot: 300, endSlot: 600, startMs: 600, endMs: 1200, concurrency: 3 },
  ];

  test("keeps so many in flight and no more, and leaves out what it does not come to", async () => {
    await using server = await slowServer(20);
    await using load = await startLoad(loadStart(server.url, [template("/a")]));
    const { observations, achievedRate } = await load.run({ ...idle, requests, loops: twoLoops }, signal);
    expect(server.most()).toBe(3);
    expect(new Set(observations.map((one) => one.outcome))).toEqual(new Set(["ok"]));
    expect(achievedRate).toBe(1);
    const [first, second] = [300, 600].map((end) =>
      observations.filter(({ slot }) => slot < end && slot >= end - 300),
    );
    // Each loop's requests begin in its own time, from its first slot on, though far more were planned.
    for (const [part, fromMs, slot] of [
      [first, 0, 0],
      [second, 600, 300],
    ] as const) {
      const ran = part ?? [];
      expect(ran.length).toBeGreaterThan(3);
      expect(ran.length).toBeLessThanOrEqual(90);
      expect(ran.map((one) => one.slot)).toEqual(ran.map((_, place) => slot + place));
      for (const { scheduledMs } of ran) {
        expect(scheduledMs).toBeGreaterThanOrEqual(fromMs);
        expect(scheduledMs).toBeLessThan(fromMs + 600);
      }
    }
    // The fourth waits for a free place: its clock starts then, not at the window's start.
    expect(observations[3]?.scheduledMs).toBeGreaterThanOrEqual(20);
  });

  test("lasts to its end though every answer is there at once", async () => {
    await using server = await okServer();
    await using load = await startLoad(loadStart(server.url, [template("/a")]));
    const loops = [{ firstSlot: 0, endSlot: 30, startMs: 0, endMs: 900, concurrency: 3 }];
    const { observations } = await load.run({ ...idle, requests: requests.slice(0, 30), loops }, signal);
    // Without a least gap all thirty would be gone in a few milliseconds.
    expect(observations.at(-1)?.scheduledMs).toBeGreaterThanOrEqual(500);
    expect(observations.length).toBeGreaterThan(3);
  });

  test("a place that still waits when its loop ends joins the next one late", async () => {
    let asked = 0;
    await using server = await httpServer((_request, response) => {
      asked += 1;
      setTimeout(() => response.end("fine"), asked === 1 ? 700 : 10);
    });
    await using load = await startLoad(loadStart(server.url, [template("/a")]));
    const alone = twoLoops.map((loop) => ({ ...loop, endMs: loop.endMs * 2 - 600, concurrency: 1 }));
    const { observations } = await load.run({ ...idle, requests, loops: alone }, signal);
    expect(observations.filter(({ slot }) => slot < 300)).toHaveLength(1);
    const second = observations.filter(({ slot }) => slot >= 300);
    expect(second[0]?.slot).toBe(300);
    expect(second[0]?.scheduledMs).toBeGreaterThanOrEqual(700);
  });

  test("requests of no loop, such as a burst, go at their own instants beside it", async () => {
    await using server = await slowServer(20);
    await using load = await startLoad(loadStart(server.url, [template("/a")]));
    const burst = Array.from({ length: 5 }, (_, place) => planned(300 + place, "/a", { atMs: 100 }));
    const { observations } = await load.run(
      { ...idle, requests: [...requests.slice(0, 300), ...burst], loops: twoLoops.slice(0, 1) },
      signal,
    );
    expect(observations.filter(({ slot }) => slot >= 300).map((one) => one.scheduledMs)).toEqual(
      Array(5).fill(100),
    );
    expect(server.most()).toBeGreaterThan(3);
  });

  test("ends at once when it is aborted", async () => {
    await using server = await rawServer(HOSTILE);
    await using load = await startLoad(loadStart(server.url, [template("/silent-headers")]));
    const controller = new AbortController();
    const set = requests.map((one) => ({ ...one, requestId: "/silent-headers" }));
    const loops = [{ firstSlot: 0, endSlot: 600, startMs: 0, endMs: 60_000, concurrency: 2 }];
    const running = load.run({ ...idle, requests: set, loops }, controller.signal);
    await vi.waitUntil(() => server.heads.length === 2);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    await vi.waitUntil(() => server.open() === 0);
    await expect(load.run({ ...idle, requests: [] }, signal)).resolves.toMatchObject({ achievedRate: 1 });
  });
});

describe("the calm pass", () => {
  test("asks for each request once, one after another, as repetition -1", async () => {
    let open = 0;
    const keys: string[] = [];
    await using server = await httpServer((request, response) => {
      open += 1;
      keys.push(`${String(request.headers["x-squall-request"])} ${open}`);
      setTimeout(() => {
        open -= 1;
        response.end("fine");
      }, 5);
    });
    await using load = await startLoad(
      loadStart(server.url, [template("/a"), template("/b"), template("/c")]),
    );
    const observations = await load.calmPass(signal);
    expect(keys).toEqual(["/a~-1 1", "/b~-1 1", "/c~-1 1"]);
    expect(observations.map((one) => [one.window, one.repetition, one.outcome])).toEqual(
      Array.from({ length: 3 }, () => [-1, -1, "ok"]),
    );
  });

  test("fixes what a later answer must equal and how a later stream must end", async () => {
    const stream = (...parts: string[]) => answer({ "content-type": "text/event-stream" }, parts.join(""));
    const answers: Record<string, readonly ReturnType<typeof answer>[]> = {
      "/same": [answer({}, "yes"), answer({}, "yes")],
      "/other": [answer({}, "yes"), answer({}, "no")],
      "/cut": [stream(delta("Hello", "stop"), DONE), stream(delta("Hel"), DONE)],
      // A server that never tells a finish reason: its sentinel is all there is.
      "/no-reason": [stream(delta("Hello"), DONE), stream(delta("Hello"), DONE)],
    };
    const calls = new Map<string, number>();
    const behaviours = Object.fromEntries(
      Object.entries(answers).map(([path, list]) => [
        path,
        (...args: Parameters<ReturnType<typeof answer>>) => {
          const call = calls.get(path) ?? 0;
          calls.set(path, call + 1);
          list[call]?.(...args);
        },
      ]),
    );
    await using server = await rawServer(behaviours);
    const set = Object.keys(answers).map((path) =>
      template(path, { expect: { equalsCalm: path !== "/cut" } }),
    );
    await using load = await startLoad(loadStart(server.url, set));
    const calm = await load.calmPass(signal);
    expect(calm.map((one) => one.outcome)).toEqual(["ok", "ok", "ok", "ok"]);
    const requests = set.map((one, slot) => planned(slot, one.id, { repetition: 0 }));
    const { observations } = await load.run({ ...idle, requests }, signal);
    expect(observations.map((one) => one.outcome)).toEqual(["ok", "wrong-answer", "incomplete", "ok"]);
  });
});

describe("probing until a good answer", () => {
  test("stops at the first that is good, and says when it ended", async () => {
    let calls = 0;
    await using server = await httpServer((_request, response) => {
      calls += 1;
      response.statusCode = calls < 4 ? 503 : 200;
      response.end("fine");
    });
    await using load = await startLoad(loadStart(server.url, [template("/a"), template("/b")]));
    const before = performance.timeOrigin + performance.now();
    const goodAtMs = await load.probeUntilGood({ timeoutMs: 10_000, intervalMs: 20, signal });
    expect(calls).toBe(4);
    expect(goodAtMs).toBeGreaterThanOrEqual(before + 60 - 5);
    expect(goodAtMs).toBeLessThanOrEqual(performance.timeOrigin + performance.now() + 5);
  });

  test("gives up when the time is over, also in the middle of a request", async () => {
    await using server = await rawServer(HOSTILE);
    await using load = await startLoad(loadStart(server.url, [template("/silent-headers")]));
    const began = performance.now();
    expect(await load.probeUntilGood({ timeoutMs: 150, intervalMs: 20, signal })).toBeNull();
    expect(performance.now() - began).toBeLessThan(1400);
  });
});

describe("ends before the end", () => {
  test("an aborted window stops sending and hangs up on what is under way", async () => {
    await using server = await rawServer(HOSTILE);
    // Far beyond this test's time: only hanging up ends these requests.
    const minute = { connectMs: 6e4, headersMs: 6e4, firstContentMs: 6e4, silenceMs: 6e4, totalMs: 6e4 };
    await using load = await startLoad(
      loadStart(server.url, [template("/never-ends")], { deadlines: minute }),
    );
    const controller = new AbortController();
    const requests = Array.from({ length: 100 }, (_, slot) =>
      planned(slot, "/never-ends", { atMs: slot * 50 }),
    );
    const running = load.run({ ...idle, requests }, controller.signal);
    await vi.waitUntil(() => server.heads.length >= 2);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    await vi.waitUntil(() => server.open() === 0);
    expect(server.heads.length).toBeLessThan(100);
    // And the generator still works.
    await expect(load.run({ ...idle, requests: [] }, signal)).resolves.toMatchObject({ achievedRate: 1 });
  });

  test("a disposed generator holds no connection and takes no call", async () => {
    await using server = await rawServer(CORRECT);
    const load = await startLoad(loadStart(server.url, [template("/never")]));
    const running = load.calmPass(signal);
    const refused = running.catch((error: unknown) => error);
    await vi.waitUntil(() => server.open() === 1);
    await load[Symbol.asyncDispose]();
    expect(await refused).toMatchObject({ code: "replay-failed" });
    await vi.waitUntil(() => server.open() === 0);
    await expect(load.calmPass(signal)).rejects.toMatchObject({ code: "replay-failed" });
  });

  test("a thread that crashes fails the call under way", async () => {
    await using server = await rawServer(HOSTILE);
    // The thread itself is private: the first call shows which one it is.
    const post = vi.spyOn(Worker.prototype, "postMessage");
    await using load = await startLoad(loadStart(server.url, [template("/silent-headers")]));
    const running = load.calmPass(signal);
    const failed = running.catch((error: unknown) => error);
    await vi.waitUntil(() => server.open() === 1);
    await (post.mock.contexts[0] as Worker).terminate();
    expect(await failed).toMatchObject({ code: "replay-failed", exitCode: 3 });
    post.mockRestore();
  });
});

describe("what can not be replayed is refused before anything is sent", () => {
  test.each([
    ["a schema that refers elsewhere", { expect: { jsonSchema: { $ref: "https://example.com/x.json" } } }],
    ["a schema that is none", { expect: { jsonSchema: { type: "nonsense" } } }],
    ["a pattern that is no expression", { expect: { jsonSchema: { type: "string", pattern: "(" } } }],
    ["an asynchronous schema", { expect: { jsonSchema: { $async: true } } }],
    ["a path with a space", { path: "/a b" }],
    ["a path that is a URL", { path: "http://elsewhere/" }],
    ["a header with a line break", { headers: { "x-a": "1\r\nx-b: 2" } }],
    ["a header name with a space", { headers: { "x a": "1" } }],
    ["a method that is none", { method: "GET /" }],
  ])("%s", (_name, changes) => {
    const start = loadStart("http://127.0.0.1:1", [
      template("/fine"),
      template("/a", { id: "culprit", ...changes }),
    ]);
    const refused = (): Session => new Session(start, { address: "127.0.0.1", port: 1, host: "x" });
    expect(refused).toThrow(SquallError);
    expect(refused).toThrow(/"culprit"/);
  });

  test("and the thread's refusal arrives with code, place and remedy", async () => {
    const broken = template("/a", { id: "culprit", expect: { jsonSchema: { type: "nonsense" } } });
    await expect(startLoad(loadStart("http://127.0.0.1:1", [broken]))).rejects.toMatchObject({
      code: "request-set-invalid",
      place: "request culprit",
      remedy: expect.stringContaining("JSON Schema") as string,
    });
  });

  test("a base URL that is not http, or has no address", async () => {
    await expect(startLoad(loadStart("https://127.0.0.1", []))).rejects.toMatchObject({
      code: "replay-failed",
    });
    await expect(startLoad(loadStart("http://no-such-host.invalid", []))).rejects.toMatchObject({
      code: "replay-failed",
    });
  });
});
