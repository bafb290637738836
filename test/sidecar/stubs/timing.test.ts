import { assert, base64String, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { Slots } from "../../../src/sidecar/stubs/slots.ts";
import { drawsFor, tokenInstants } from "../../../src/sidecar/stubs/timing.ts";
import { timedEvents } from "./events.ts";
import { QUICK, stubWith, user } from "./models.ts";

const SLOW = { firstTokenMs: 60_000 };
const ask = (text: string, stream = true) => ({ model: "m", stream, messages: user(text) });

test("draws are a function of seed and request, inside their bounds", () => {
  const stub = {
    ...QUICK,
    firstTokenMs: 100,
    firstTokenJitterMs: 30,
    perTokenMs: 5,
    perTokenJitterMs: 4,
    maxTokens: 40,
  };
  assert(
    property(integer(), base64String(), (seed, fingerprint) => {
      const draws = drawsFor(stub, seed, fingerprint);
      const again = drawsFor(stub, seed, fingerprint);
      const instants = tokenInstants(draws, draws.tokens);
      expect(tokenInstants(again, again.tokens)).toEqual(instants);
      expect(draws.tokens).toBeGreaterThanOrEqual(12);
      expect(draws.tokens).toBeLessThanOrEqual(40);
      expect(instants[0]).toBeGreaterThanOrEqual(70);
      expect(instants[0]).toBeLessThanOrEqual(130);
      const gaps = instants.slice(1).map((atMs, index) => atMs - (instants[index] ?? 0));
      expect(Math.max(0, ...gaps)).toBeLessThan(9.001);
    }),
  );
});

test("tokens come on one schedule: the first after its time, the last after all of them", async () => {
  await using stub = await stubWith({ firstTokenMs: 40, perTokenMs: 5, minTokens: 21, maxTokens: 21 });
  const events = await timedEvents(() => stub.post("/v1/chat/completions", ask("a boat")));
  expect(events[0]?.atMs).toBeGreaterThanOrEqual(39.5);
  expect(events.at(-1)?.atMs).toBeGreaterThanOrEqual(139.5);
  expect(events.at(-1)?.atMs).toBeLessThan(2_000);
});

test.each([
  ["openai", "/v1/chat/completions", 503, "1"],
  ["anthropic", "/v1/messages", 529, null],
] as const)("beyond slots and queue an %s stub is overloaded", async (shape, path, status, retryAfter) => {
  await using stub = await stubWith({ ...SLOW, shape, slots: 1, queue: 0 });
  const leaving = new AbortController();
  const body = { ...ask("first"), max_tokens: 5 };
  await stub.post(path, body, leaving.signal);
  const refused = await stub.post(path, body);
  expect(refused.status).toBe(status);
  expect(refused.headers.get("retry-after")).toBe(retryAfter);
  expect(await refused.text()).toContain("error");
  leaving.abort();
});

test("a client that goes away frees its slot, and the next in the queue is served", async () => {
  await using stub = await stubWith({ ...SLOW, slots: 1, queue: 2 });
  const leaving = new AbortController();
  await stub.post("/v1/chat/completions", ask("first"), leaving.signal);
  // Its head comes when it has the slot: that is the event we wait for.
  const second = new AbortController();
  const waiting = stub.post("/v1/chat/completions", ask("second"), second.signal);
  leaving.abort();
  expect((await waiting).status).toBe(200);
  second.abort();
});

test("slots are given first come, first served, and one that left the queue is passed over", () => {
  const slots = new Slots(1, 3);
  const started: string[] = [];
  const leaves = ["a", "b", "c", "d"].map((name) => slots.enter(() => started.push(name)));
  expect(slots.enter(() => started.push("e"))).toBeNull();
  expect(started).toEqual(["a"]);
  leaves[1]?.();
  leaves[0]?.();
  expect(started).toEqual(["a", "c"]);
  leaves[0]?.();
  expect(started).toEqual(["a", "c"]);
  leaves[2]?.();
  expect(started).toEqual(["a", "c", "d"]);
  leaves[3]?.();
  expect(slots.enter(() => started.push("f"))).not.toBeNull();
  expect(started).toEqual(["a", "c", "d", "f"]);
});
