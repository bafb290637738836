/**
 * What every Engine must do: say what it can, strike and tell so in a receipt, and prove that nothing is left. An engine's
 * test calls `describeEngine` with one fault that it can do and what the service's client sees while it is in force.
 */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/core/fault.ts";
import type { Engine, RunningSystem } from "../../src/run/ports.ts";
import { until } from "../support/services/living.ts";

export interface EngineUnderTest {
  readonly name: string;
  readonly engine: () => Engine;
  readonly start: () => Promise<RunningSystem>;
  readonly fault: Fault;
  /** A kind that is another engine's. */
  readonly foreign: Fault;
  /** Does a client meet the fault now? */
  readonly isStruck: (system: RunningSystem) => Promise<boolean>;
}

const DEADLINE_MS = 20_000;

export const describeEngine = ({ name, engine, start, fault, foreign, isStruck }: EngineUnderTest): void => {
  const placed = [{ id: "f#1", fault, marks: { type: "all" as const }, seed: 1 }];

  describe(`engine ${name}`, () => {
    test("says what it can do, and why not", () => {
      expect(engine().supports(fault)).toEqual({ ok: true });
      expect(engine().supports(foreign)).toMatchObject({
        ok: false,
        reason: expect.stringContaining(foreign.kind),
      });
    });

    test("strikes, says so in the receipt, and leaves nothing after clearing", async () => {
      await using system = await start();
      expect(await isStruck(system)).toBe(false);
      const injection = await engine().inject(system, placed, DEADLINE_MS);
      await until("the fault is met", () => isStruck(system));
      const receipts = await injection.receipts();
      expect(receipts).toEqual([
        { faultId: "f#1", edge: fault.on, seen: expect.any(Number), affected: expect.any(Number) },
      ]);
      expect(receipts[0]?.affected).toBeGreaterThan(0);
      await injection.clear();
      await until("the service answers again", async () => !(await isStruck(system)));
    });

    test("can be used again after clearing, and clearing twice is harmless", async () => {
      await using system = await start();
      const one = engine();
      for (let round = 0; round < 2; round++) {
        const injection = await one.inject(system, placed, DEADLINE_MS);
        await until("the fault is met", () => isStruck(system));
        await injection.clear();
        await injection.clear();
        await until("the service answers again", async () => !(await isStruck(system)));
        expect(await isStruck(system)).toBe(false);
      }
    });
  });
};
