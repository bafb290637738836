/** What earlier runs teach. */
import { describe, expect, test } from "vitest";
import type { Profile } from "../../../src/core/profile.ts";
import { combined, recoveryCases } from "../../../src/core/recovery-policy/cases.ts";
import type { PolicyRun } from "../../../src/core/recovery-policy/rule.ts";
import type { RemedyTrial, TrialFigures } from "../../../src/core/remedy/trial.ts";
import { CACHE, CALM, CPUS, MEMORY, policyRun, STARVED } from "./support.ts";

const profile = (parts: Partial<Profile>): Profile =>
  ({
    provenance: { startedAt: "2026-01-01T00:00:00Z", durationMs: 1, tool: "squall", commit: "3f2a1b9c" },
    fingerprint: { cpus: 4, memoryBytes: 8e9 },
    processes: [],
    ...parts,
  }) as unknown as Profile;

const casesOf = (...policyRuns: PolicyRun[]) => recoveryCases([profile({ policyRuns })]);

describe("a run under a policy", () => {
  test("teaches what stood when the service was well again, by the seconds before it was done", () => {
    const symptoms = [CALM, CALM, STARVED, STARVED, STARVED, CALM, CALM, CALM];
    const run = policyRun({
      symptoms,
      recoveryMs: 6000,
      actions: [
        { atMs: 5000, remedy: CPUS, because: "rule" },
        { atMs: 7000, remedy: MEMORY, because: "rule" },
      ],
    });
    expect(casesOf(run)).toEqual([
      { scenario: "starved", commit: "3f2a1b9c", symptoms: STARVED, remedies: [CPUS], recovered: true },
    ]);
  });

  test("teaches a failure where nothing brought it back", () => {
    const actions = [{ atMs: 3000, remedy: CACHE, because: "rule" }];
    expect(casesOf(policyRun({ recoveryMs: null, actions }))).toMatchObject([
      { remedies: [CACHE], recovered: false },
    ]);
  });

  test("counts neither what failed to be done nor what was taken back before", () => {
    const actions = [
      { atMs: 2000, remedy: MEMORY, because: "rule", failed: "no limit to lift" },
      { atMs: 2000, remedy: CACHE, because: "rule", undoneMs: 4000 },
      { atMs: 3000, remedy: CPUS, because: "rule" },
    ];
    expect(casesOf(policyRun({ actions }))).toMatchObject([{ remedies: [CPUS] }]);
  });

  test("in which nothing was done teaches what doing nothing comes to", () => {
    expect(casesOf(policyRun({ policy: "none", recoveryMs: null }))).toMatchObject([
      { remedies: [], recovered: false, symptoms: STARVED },
    ]);
  });

  test("teaches that it kept harm away, where there was harm without it", () => {
    const actions = [{ atMs: 3000, remedy: CPUS, because: "rule" }];
    const unharmed = policyRun({ recoveryMs: 0, actions });
    const without = policyRun({ policy: "none", recoveryMs: null });
    expect(casesOf(without, unharmed)).toMatchObject([
      { remedies: [], recovered: false },
      { remedies: [CPUS], recovered: true },
    ]);
    expect(casesOf({ ...without, scenario: "other" }, unharmed)).toHaveLength(1);
    expect(casesOf({ ...without, recoveryMs: 0 }, unharmed)).toEqual([]);
  });

  test.each([
    ["did no harm", policyRun({ recoveryMs: 0, actions: [{ atMs: 1000, remedy: CPUS, because: "" }] })],
    [
      "does not count",
      policyRun({ invalid: "too busy", actions: [{ atMs: 1000, remedy: CPUS, because: "" }] }),
    ],
    [
      "was well before anything was done",
      policyRun({ actions: [{ atMs: 8000, remedy: CPUS, because: "" }] }),
    ],
  ])("that %s teaches nothing", (_, run) => {
    expect(casesOf(run)).toEqual([]);
  });
});

test("cores given twice are given as often as both say; of other remedies the last holds", () => {
  const later = { ...CACHE, forMs: 1000 };
  expect(combined([CPUS, CACHE, MEMORY, CPUS, later])).toEqual([later, { ...CPUS, times: 4 }, MEMORY]);
});

const figures = (late: number, overrides: Partial<TrialFigures> = {}): TrialFigures => ({
  requests: 100,
  hits: 100,
  errors: 20,
  hitErrors: 20,
  degraded: 0,
  incomplete: 0,
  wrong: 0,
  late,
  p50Ms: 100,
  p95Ms: 3000,
  hit50Ms: 100,
  p50IntervalMs: null,
  p95IntervalMs: null,
  hit50IntervalMs: null,
  calls: [],
  recoveryMs: null,
  ...overrides,
});

const trial = (phase: "calm" | "fault", remedy: RemedyTrial["remedy"], late: number): RemedyTrial => ({
  scenario: "starved",
  phase,
  remedy,
  startMs: 1000,
  durationMs: 4000,
  figures: figures(late),
  receipt: null,
});

describe("trials of remedies", () => {
  const trials = [
    trial("calm", null, 10),
    trial("fault", null, 60),
    trial("fault", CPUS, 19),
    trial("fault", CACHE, 21),
    trial("calm", MEMORY, 10),
    { ...trial("fault", MEMORY, 10), invalid: "too busy" },
  ];

  test("teach whether four fifths of the loss came back", () => {
    const processes = [
      { name: "service", atMs: 500, cpu: 4, memoryBytes: 1 },
      { name: "service", atMs: 1500, cpu: 0.19, memoryBytes: 2e9, cpuLimit: 0.2, memoryLimitBytes: 4e9 },
      { name: "vector", atMs: 1500, cpu: 1, memoryBytes: 1 },
    ];
    expect(recoveryCases([profile({ trials, processes })])).toEqual([
      {
        scenario: "starved",
        commit: "3f2a1b9c",
        symptoms: { cpu: 0.95, memory: 0.5, errorRate: 0.2, p95Ms: 3000, inFlight: null },
        remedies: [CPUS],
        recovered: true,
      },
      expect.objectContaining({ remedies: [CACHE], recovered: false }),
    ]);
  });

  test("without a window in which nothing was done teach nothing", () => {
    expect(recoveryCases([profile({ trials: trials.filter(({ remedy }) => remedy !== null) })])).toEqual([]);
  });
});

test("a run without any teaches nothing", () => {
  expect(recoveryCases([profile({})])).toEqual([]);
});
