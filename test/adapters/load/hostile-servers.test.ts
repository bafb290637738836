import { once } from "node:events";
import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { startLoad } from "../../../src/adapters/load/start-load.ts";
import type { Observation } from "../../../src/core/observation.ts";
import { OUTCOMES, type Outcome } from "../../../src/core/outcome.ts";
import type { RequestTemplate } from "../../../src/core/workload.ts";
import { CORRECT, HOSTILE, oversized } from "../../support/hostile-servers/behaviours.ts";
import { DEADLINES, loadStart, planned, template } from "../../support/hostile-servers/load-start.ts";
import { deadPort, deafPort, rawServer } from "../../support/hostile-servers/raw-server.ts";

const OK =
  "/json /chat /length /stream /stream-split /stream-crlf /anthropic /ndjson /early-hints /no-content /gzip /br /deflate /gzip-stream /until-close /reset-after-done /open-after-done /meta-then-words".split(
    " ",
  );

/** What each server's answer must be called. */
const EXPECTED: Readonly<Record<string, Outcome>> = {
  ...Object.fromEntries(OK.map((path) => [path, "ok" as const])),
  "/degraded-header": "degraded",
  "/degraded-json": "degraded",
  "/rst-mid-chunk": "reset",
  "/fin-mid-chunk": "reset",
  "/rst-at-once": "reset",
  "/fin-at-once": "reset",
  "/short-body": "reset",
  "/zero-chunk": "incomplete",
  "/events-until-close": "incomplete",
  "/null-finish": "incomplete",
  "/gzip-cut": "incomplete",
  "/silent-headers": "timeout-headers",
  "/only-1xx": "timeout-headers",
  "/silent-first-content": "timeout-first-content",
  "/silent-between": "timeout-silence",
  "/never-ends": "timeout-total",
  "/endless-headers": "malformed",
  "/garbage": "malformed",
  "/bad-chunk-size": "malformed",
  "/unasked-upgrade": "malformed",
  "/long-body": "malformed",
  "/broken-json": "malformed",
  "/invalid-utf8": "malformed",
  "/invalid-utf8-stream": "malformed",
  "/broken-event": "malformed",
  "/gzip-garbage": "malformed",
  "/error-event": "error-event",
  "/error-event-anthropic": "error-event",
  "/error-in-200": "error-event",
  "/status-500": "status",
  "/status-429-reset": "status",
  "/redirect": "status",
};

const signal = new AbortController().signal;

/** Replays one request to each path, all in one window; the calm pass is left out unless asked for. */
const replay = async (
  requests: readonly RequestTemplate[],
  changes: Parameters<typeof loadStart>[2] = {},
  abortAfterEvents?: number,
): Promise<ReadonlyMap<string, Observation>> => {
  await using server = await rawServer({ ...CORRECT, ...HOSTILE });
  await using load = await startLoad(loadStart(server.url, requests, changes));
  const window = requests.map((request, slot) =>
    planned(slot, request.id, abortAfterEvents === undefined ? {} : { abortAfterEvents }),
  );
  const result = await load.run({ window: 0, requests: window, idleConnections: 0 }, signal);
  return new Map(result.observations.map((one) => [one.requestId, one]));
};

const MODES = ["fresh", "reuse"] as const;
const byMode = new Map<string, ReadonlyMap<string, Observation>>();
beforeAll(async () => {
  const degraded = { header: { name: "X-Fallback", value: "1" }, jsonPath: { path: "meta.fallback" } };
  const set = Object.keys(EXPECTED).map((path) => template(path));
  // Side by side: each waits for every deadline in turn.
  const replays = MODES.map((connections) => replay(set, { connections, degraded }));
  for (const [index, seen] of (await Promise.all(replays)).entries()) byMode.set(MODES[index] ?? "", seen);
});

describe.each(MODES)("answers over %s connections", (connections) => {
  const seen = { get: (path: string) => byMode.get(connections)?.get(path) };

  test.each(Object.entries(EXPECTED))("%s is %s", (path, outcome) => {
    expect(seen.get(path)?.outcome).toBe(outcome);
  });

  test("a stream's text is the same however its bytes were cut or packed", () => {
    const hash = seen.get("/stream")?.answerHash;
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    for (const path of ["/stream-crlf", "/anthropic", "/ndjson", "/gzip-stream", "/chat"]) {
      expect([path, seen.get(path)?.answerHash]).toEqual([path, hash]);
    }
    expect(seen.get("/gzip")?.answerHash).toBe(seen.get("/json")?.answerHash);
  });

  test("an answer ends with its sentinel, whatever its connection does then", () => {
    expect(seen.get("/open-after-done")?.latencyMs).toBeLessThan(DEADLINES.silenceMs);
  });

  test("content events are counted, pings and frames are not", () => {
    expect(seen.get("/stream")?.chunks).toBe(2);
    expect(seen.get("/anthropic")?.chunks).toBe(1);
    expect(seen.get("/silent-first-content")).toMatchObject({ chunks: 0, ttftMs: null });
    expect(seen.get("/silent-between")?.chunks).toBe(1);
    expect(seen.get("/json")?.chunks).toBe(1);
  });

  test("a deadline is met on time, never early", () => {
    const at = (path: string): number => seen.get(path)?.latencyMs ?? 0;
    expect(at("/silent-headers")).toBeGreaterThanOrEqual(DEADLINES.headersMs);
    expect(at("/silent-first-content")).toBeGreaterThanOrEqual(DEADLINES.firstContentMs);
    expect(at("/silent-between")).toBeGreaterThanOrEqual(DEADLINES.silenceMs);
    expect(at("/never-ends")).toBeGreaterThanOrEqual(DEADLINES.totalMs);
    expect(at("/never-ends")).toBeLessThan(DEADLINES.totalMs + 1000);
  });
});

test("too much is counted, but neither kept nor unpacked", async () => {
  await using server = await rawServer(oversized());
  const paths = ["/long-line", "/gzip-bomb", "/long-text"];
  await using load = await startLoad(
    loadStart(
      server.url,
      paths.map((path) => template(path)),
    ),
  );
  const [line, bomb, text] = await load.calmPass(signal);
  expect(line).toMatchObject({ outcome: "incomplete", chunks: 0 });
  expect(line?.bytes).toBeGreaterThanOrEqual(10 * 1024 * 1024);
  expect(bomb?.outcome).toBe("incomplete");
  expect(bomb?.bytes).toBeLessThan(1024 * 1024);
  expect(text).toMatchObject({ outcome: "ok", bytes: 20 * 1024 * 1024 });
});

describe("nobody there", () => {
  test("a port without a listener refuses", async () => {
    const port = await deadPort();
    await using load = await startLoad(loadStart(`http://127.0.0.1:${port}`, [template("/json")]));
    const [only] = await load.calmPass(signal);
    expect(only).toMatchObject({ outcome: "refused", status: 0, ttftMs: null });
  });

  test("a server that never accepts runs into the connect deadline", async () => {
    await using deaf = await deafPort();
    const fillers = [0, 1].map(() => connect(deaf.port, "127.0.0.1"));
    await Promise.all(fillers.map((socket) => once(socket, "connect")));
    await using load = await startLoad(loadStart(`http://127.0.0.1:${deaf.port}`, [template("/json")]));
    const [only] = await load.calmPass(signal);
    for (const socket of fillers) socket.destroy();
    expect(only?.outcome).toBe("timeout-connect");
    expect(only?.latencyMs).toBeGreaterThanOrEqual(DEADLINES.connectMs);
  });
});

describe("expectations and markers", () => {
  let seen: ReadonlyMap<string, Observation> = new Map();
  const numeric = { type: "object", required: ["answer"], properties: { answer: { type: "number" } } };
  beforeAll(async () => {
    seen = await replay(
      [
        template("/json", { id: "holds", expect: { jsonSchema: numeric, contains: ["42"] } }),
        template("/json", { id: "other-words", expect: { contains: ["43"] } }),
        template("/chat", { id: "other-shape", expect: { jsonSchema: numeric } }),
        template("/json", { id: "no-stream", stream: true }),
        template("/zero-chunk", { id: "need-not-end", expect: { streamComplete: false } }),
        template("/status-500", { id: "500-wanted", expect: { status: [500] } }),
        template("/json", { id: "200-unwanted", expect: { status: [404] } }),
        template("/degraded-text", { id: "text-marker" }),
        template("/degraded-event", { id: "event-marker" }),
      ],
      { degraded: { text: "try again later", jsonPath: { path: "meta.fallback", value: true } } },
    );
  });
  test.each<[string, Outcome]>([
    ["holds", "ok"],
    ["other-words", "wrong-answer"],
    ["other-shape", "wrong-answer"],
    ["no-stream", "wrong-answer"],
    ["need-not-end", "ok"],
    ["500-wanted", "ok"],
    ["200-unwanted", "status"],
    ["text-marker", "degraded"],
    ["event-marker", "degraded"],
  ])("%s: %s", (id, outcome) => {
    expect(seen.get(id)?.outcome).toBe(outcome);
  });
});

test("a client that hangs up after two content events is no failure of the service", async () => {
  const seen = await replay([template("/never-ends"), template("/json")], {}, 2);
  expect(seen.get("/never-ends")).toMatchObject({ outcome: "client-abort", chunks: 2 });
  // Over before there was anything to break off.
  expect(seen.get("/json")?.outcome).toBe("ok");
});

describe("every outcome there is", () => {
  const shown = new Set<Outcome>([
    ...Object.values(EXPECTED),
    ...(["refused", "timeout-connect", "wrong-answer", "client-abort"] as const),
    "unsent", // test/adapters/load/replay.test.ts
  ]);
  test("was produced by a socket", () => {
    expect(OUTCOMES.filter((outcome) => !shown.has(outcome))).toEqual([]);
  });
});
