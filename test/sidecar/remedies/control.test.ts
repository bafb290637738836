/** PUT /remedies, GET /remedies, PUT /upstreams: what does not fit, and what is hostile. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EDGE_REMEDY_KINDS } from "../../../src/core/remedy/remedy.ts";
import { BodyProblem } from "../../../src/sidecar/control-bodies.ts";
import { parseRemedies, parseUpstreamChange } from "../../../src/sidecar/remedies/remedy-bodies.ts";
import { edgeTo, httpServer, ok, sidecar } from "../support/peers.ts";
import { ask, counts, keptConnection, remediesOf, setRemedies } from "../support/remedied.ts";

const good = { on: "llm", kind: "retry", attempts: 1, backoffMs: 0 };
const state = (change: object): unknown => ({ remedies: [], deadlineMs: 1_000, ...change });
const one = (change: object): unknown => state({ remedies: [{ ...good, ...change }] });

test.each([
  ["{", "body: not JSON"],
  ["[]", "body: must be an object"],
  [state({ remedies: {} }), "remedies: must be a list"],
  [state({ deadlineMs: 0 }), "deadlineMs: must be a number above 0"],
  [state({ remedies: Array.from({ length: 101 }, () => good) }), "remedies: more than 100"],
  [state({ remedies: [null] }), "remedies[0]: must be an object"],
  [one({ kind: "toString" }), 'remedies[0].kind: the sidecar has no remedy "toString"'],
  [one({ kind: "restart" }), 'remedies[0].kind: the sidecar has no remedy "restart"'],
  [one({ on: "nowhere" }), 'remedies[0].on: no edge "nowhere" (edges: llm, db)'],
  [one({ on: "db" }), 'remedies[0].on: a remedy needs an http edge, "db" relays bytes unread'],
  [one({ attempts: 0 }), "remedies[0].attempts: must be a whole number from 1 to 100"],
  [one({ attempts: 1.5 }), "remedies[0].attempts: must be a whole number from 1 to 100"],
  [one({ backoffMs: "0" }), "remedies[0].backoffMs: must be a number from 0 to 2147483647"],
  [one({ kind: "deadline", afterMs: 0 }), "remedies[0].afterMs: must be a number from 0.001"],
  [one({ kind: "hedge", afterMs: -1 }), "remedies[0].afterMs: must be a number from 0"],
  [one({ kind: "retry-after-cap" }), "remedies[0].mostMs: must be a whole number from 0"],
  [one({ kind: "circuit-breaker", failures: 1, openMs: 0 }), "remedies[0].openMs"],
  [
    one({ kind: "cache", forMs: 1, entries: 1e9 }),
    "remedies[0].entries: must be a whole number from 1 to 100000",
  ],
])("remedies that do not fit get 400 and change nothing (%#)", async (body, message) => {
  await using proxy = await sidecar([edgeTo(1), edgeTo(1, "db", "tcp")]);
  await setRemedies(proxy, [{ kind: "deadline", afterMs: 5 }]);
  const answer = await proxy.call("PUT", "/remedies", body);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { error: string }).error).toContain(message);
  expect((await remediesOf(proxy)).receipts.map(({ kind }) => kind)).toEqual(["deadline"]);
});

const EDGES = [
  { name: "llm", protocol: "http", hasAddresses: true },
  { name: "db", protocol: "tcp", hasAddresses: true },
  { name: "stub", protocol: "http", hasAddresses: false },
] as const;
const orNull = <T>(parse: () => T): T | null => {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(BodyProblem);
    return null;
  }
};

test("whatever the body, it is a problem with its place or a state within its limits", () => {
  const anything = fc.anything({ maxDepth: 2 });
  const number = fc.oneof(fc.double(), fc.integer({ min: -1, max: 200_000 }), anything);
  const remedy = fc.record(
    {
      on: fc.oneof(fc.constantFrom("llm", "llm", "db", "client"), anything),
      kind: fc.oneof(fc.constantFrom<string>(...EDGE_REMEDY_KINDS), fc.constant("__proto__"), anything),
      attempts: number,
      backoffMs: number,
      afterMs: number,
      mostMs: number,
      failures: number,
      openMs: number,
      forMs: number,
      entries: number,
    },
    { requiredKeys: ["on", "kind"] },
  );
  const body = fc.oneof(
    anything,
    fc.record({ remedies: fc.oneof(fc.array(remedy, { maxLength: 3 }), anything), deadlineMs: number }),
  );
  fc.assert(
    fc.property(body, (given) => {
      const parsed = orNull(() => parseRemedies(given, EDGES));
      for (const { on, kind, ...parameters } of parsed?.remedies ?? []) {
        expect([on, EDGE_REMEDY_KINDS.includes(kind)]).toEqual(["llm", true]);
        for (const value of Object.values(parameters)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(2_147_483_647);
        }
      }
    }),
    { numRuns: 500 },
  );
  const address = fc.record({ host: fc.oneof(fc.string(), anything), port: number });
  const change = fc.record({
    edge: fc.oneof(fc.constantFrom("llm", "db", "stub"), anything),
    addresses: fc.oneof(fc.array(address, { maxLength: 3 }), anything),
  });
  fc.assert(
    fc.property(fc.oneof(anything, change), (given) => {
      const parsed = orNull(() => parseUpstreamChange(given, EDGES));
      if (parsed === null) return;
      expect(["llm", "db"]).toContain(parsed.edge);
      expect(parsed.addresses.length).toBeGreaterThan(0);
      for (const { host, port } of parsed.addresses) {
        expect(host).not.toBe("");
        expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("every kind is taken as it is written", async () => {
  await using proxy = await sidecar([edgeTo(1), edgeTo(1, "other")]);
  const all = [
    good,
    { on: "other", kind: "deadline", afterMs: 1 },
    { on: "llm", kind: "hedge", afterMs: 0 },
    { on: "llm", kind: "retry-after-cap", mostMs: 0 },
    { on: "llm", kind: "circuit-breaker", failures: 1, openMs: 1 },
    { on: "llm", kind: "cache", forMs: 1, entries: 1 },
  ];
  expect((await proxy.call("PUT", "/remedies", state({ remedies: all }))).status).toBe(204);
  expect(await remediesOf(proxy)).toEqual({
    expired: false,
    receipts: all.map(({ on, kind }) => ({ on, kind, seen: 0, acted: 0 })),
  });
});

test("other addresses behind an edge: the next call goes there, also on a kept connection; the one under way is answered", async () => {
  const pending: (() => void)[] = [];
  const named = (name: string) =>
    httpServer((request, socket) => {
      if (!request.startsWith("GET /slow")) return ok(name);
      pending.push(() => void socket.write(ok(`slow ${name}`)));
      return null;
    });
  await using one = await named("one");
  await using two = await named("two");
  await using proxy = await sidecar([edgeTo(one.port), edgeTo(one.port, "db", "tcp")]);
  const port = proxy.port("llm");
  const kept = keptConnection();
  expect((await ask(port, { agent: kept })).text).toBe("one");
  const slow = ask(port, { path: "/slow" });
  while (pending.length === 0) await new Promise(setImmediate);
  const to = (edge: string, ports: readonly number[]) =>
    proxy.call("PUT", "/upstreams", {
      edge,
      addresses: ports.map((each) => ({ host: "127.0.0.1", port: each })),
    });
  expect((await to("llm", [two.port])).status).toBe(204);
  expect((await ask(port, { agent: kept })).text).toBe("two");
  pending[0]?.();
  expect((await slow).text).toBe("slow one");
  expect((await to("llm", [one.port, two.port])).status).toBe(204);
  expect(new Set([(await ask(port)).text, (await ask(port)).text])).toEqual(new Set(["one", "two"]));
  await setRemedies(proxy, [{ kind: "retry", attempts: 1, backoffMs: 0 }]);
  expect((await to("llm", [two.port])).status).toBe(204);
  expect([(await ask(port)).text, (await ask(port)).text]).toEqual(["two", "two"]);
  expect(await counts(proxy)).toEqual([[2, 0]]);
  expect((await to("db", [two.port])).status).toBe(204);
  expect((await ask(proxy.port("db"))).text).toBe("two");
  kept.destroy();
});

test.each([
  [{ edge: "nowhere", addresses: [] }, 'edge: no edge "nowhere" (edges: llm, web)'],
  [
    { edge: "web", addresses: [{ host: "a", port: 1 }] },
    'edge: the upstream of "web" is no list of addresses',
  ],
  [{ edge: "llm", addresses: [] }, "addresses: must have from 1 to 1000"],
  [{ edge: "llm", addresses: [{ host: "", port: 1 }] }, "addresses[0].host: must be a name or an address"],
  [
    { edge: "llm", addresses: [{ host: "a", port: 0 }] },
    "addresses[0].port: must be a whole number from 1 to 65535",
  ],
])("a change of upstream that does not fit gets 400 (%#)", async (body, message) => {
  await using proxy = await sidecar([
    edgeTo(1),
    { name: "web", upstream: { type: "url", url: "http://x.test" } },
  ]);
  const answer = await proxy.call("PUT", "/upstreams", body);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { error: string }).error).toContain(message);
});
