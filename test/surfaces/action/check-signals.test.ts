import { expect, test } from "vitest";
import type { Signal } from "../../../src/core/signals/signal.ts";
import { checkSignals } from "../../../src/surfaces/action/check-signals.ts";
import { suiteWith } from "../../support/suites.ts";
import { syntheticProfile } from "../../support/synthetic-profile.ts";

const LOG: Signal = { name: "log", source: { type: "log", pattern: "ERROR" } };
const PATH: Signal = { name: "deep", source: { type: "path", path: "/deep" } };
const base = suiteWith([]);

const checked = (measured: readonly Signal[], named: readonly Signal[] | undefined) => (): void => {
  const profile = syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 1 });
  checkSignals(
    { ...profile, signals: measured.map((signal) => ({ signal, samples: [] })) },
    { ...base, service: { ...base.service, ...(named === undefined ? {} : { signals: named }) } },
  );
};

test("signals in samples are believed where the suite names the same", () => {
  expect(checked([LOG, PATH], [LOG, PATH])).not.toThrow();
  expect(checked([], undefined)).not.toThrow();
});

test.each<[string, readonly Signal[], readonly Signal[] | undefined]>([
  ["one more", [LOG, PATH], [LOG]],
  ["none of them", [], [LOG]],
  ["others than none", [LOG], undefined],
  ["another pattern", [{ ...LOG, source: { type: "log", pattern: "@everyone" } }], [LOG]],
  ["another name", [{ ...LOG, name: "@everyone" }], [LOG]],
])("samples with %s are refused", (_, measured, named) => {
  expect(checked(measured, named)).toThrow("The samples' signals are not those that the suite names.");
});
