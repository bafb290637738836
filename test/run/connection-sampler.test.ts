import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunningSystem } from "../../src/run/ports.ts";
import { ConnectionSampler } from "../../src/run/samplers.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Each look at the sidecar finds the next of these; an error: it cannot be asked. */
const systemWith = (looks: readonly (Readonly<Record<string, number>> | Error)[]): RunningSystem => {
  let next = 0;
  const active = async () => {
    const accepted = looks[next++] ?? {};
    if (accepted instanceof Error) throw accepted;
    return { accepted, open: {}, begun: {} };
  };
  return { sidecar: { active } } as unknown as RunningSystem;
};

test("connections are counted between two looks, in the second that lies between them", async () => {
  const system = systemWith([
    { client: 5, llm: 1 },
    { client: 5, llm: 4 },
    { client: 9, llm: 4 },
  ]);
  const sampler = new ConnectionSampler(system, 1_000_000 - 300);
  await vi.advanceTimersByTimeAsync(3000);
  await sampler[Symbol.asyncDispose]();
  expect(sampler.samples).toEqual([
    { edge: "llm", second: 1, connections: 3 },
    { edge: "client", second: 2, connections: 4 },
  ]);
});

test("a look that fails is made up for by the next", async () => {
  const sampler = new ConnectionSampler(systemWith([{ llm: 1 }, new Error("gone"), { llm: 3 }]), 1_000_000);
  await vi.advanceTimersByTimeAsync(3000);
  await sampler[Symbol.asyncDispose]();
  expect(sampler.samples).toEqual([{ edge: "llm", second: 2, connections: 2 }]);
});
