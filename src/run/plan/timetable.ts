import type { Scenario, ScenarioShape } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import { frontiersMs } from "./frontier-budget.ts";

/** One window before its requests are chosen. */
export interface TimetableWindow {
  readonly scenario: string;
  readonly shape: ScenarioShape;
  readonly round: number;
  /**
   * The look (from 0) for which it is measured: interleaved windows 0 to LOOKS - 1, outages and kills LOOKS, after all looks; spare
   * rounds LOOKS + 1 and on.
   */
  readonly look: number;
  /** Running number among the windows of this scenario and round: control has several a round. */
  readonly place: number;
  readonly durationMs: number;
  /** Observations scheduled before this are not scored. */
  readonly guardMs: number;
}

export interface Timetable {
  readonly windows: readonly TimetableWindow[];
  /** Further rounds, for time that settled faults leave over. */
  readonly spare: readonly TimetableWindow[];
  readonly notes: readonly string[];
}

/** Times at which an interleaved run may be told to be settled: after a third, two thirds and all of its rounds (METHOD 2). */
export const LOOKS = 3;
const LONGEST_WINDOW_MS = 3000;
const SHORTEST_WINDOW_MS = 1500;
const WISHED_ROUNDS = 5;
const FEWEST_ROUNDS = 3;
/** Outages come twice: two windows are the least from which their spread can be told. */
const CLOCK_ROUNDS = 2;
export const CLOCK_WINDOW_MS = 4000;
/** Settling after an outage: one clean second is the rule, a second one the usual surprise. */
const SETTLE_ALLOWANCE_MS = 2000;
const MOST_KILLS = 6;
const FEWEST_KILLS = 3;
/** Calm before the kill, and time to see what follows the restart. */
const KILL_LEAD_MS = 1000;
const KILL_TAIL_MS = 4000;
/** Hits (METHOD 2) and rows (METHOD 10) below which a partial fault cannot be judged. */
const FEWEST_HITS = 25;
const FEWEST_ROWS = 88;
/** Start, stop, calm pass and drains come out of the budget too; a request of the calm pass is taken as 150 ms. */
const FIXED_MS = 6000;
const CALM_REQUEST_MS = 150;
const LONGEST_CALM_MS = 15_000;

const restartAfterMs = (scenario: Scenario): number =>
  Math.max(0, ...scenario.faults.map((fault) => (fault.kind === "kill" ? fault.restartAfterMs : 0)));

export const killWindowMs = (scenario: Scenario): number =>
  KILL_LEAD_MS + restartAfterMs(scenario) + KILL_TAIL_MS;
export const killAtMs = KILL_LEAD_MS;

/** `[C F1 F2 C F3 F4 ...]`, mirrored in odd rounds, so that a drift of the machine meets every scenario alike. */
const interleavedRound = (names: readonly string[], round: number): string[] => {
  const order: string[] = [];
  for (let index = 0; index < names.length; index += 2)
    order.push("control", ...names.slice(index, index + 2));
  if (names.length === 0) order.push("control");
  return round % 2 === 0 ? order : order.toReversed();
};

interface Sizes {
  readonly rounds: number;
  readonly windowMs: number;
  readonly kills: number;
}

/** Divides the budget: outages and kills take what they need, the interleaved rounds get the rest. */
const sizeWindows = (
  suite: Suite,
  scenarios: readonly Scenario[],
  requestCount: number,
): Sizes & { plannedMs: number } => {
  const clocks = scenarios.filter(({ shape }) => shape === "clock").length;
  const killScenarios = scenarios.filter(({ shape }) => shape === "kill");
  const interleaved = scenarios.filter(({ shape }) => shape === "attributed" || shape === "ambient").length;
  const perRound = Math.max(1, interleaved + Math.ceil(interleaved / 2));

  const calmMs = Math.min(LONGEST_CALM_MS, requestCount * CALM_REQUEST_MS);
  const clockMs = clocks * CLOCK_ROUNDS * (CLOCK_WINDOW_MS + SETTLE_ALLOWANCE_MS);
  const oneKillEachMs = killScenarios.reduce(
    (sum, scenario) => sum + killWindowMs(scenario) + SETTLE_ALLOWANCE_MS,
    0,
  );
  const frontierMs = frontiersMs(suite);
  const freeMs = suite.policy.budgetMs - FIXED_MS - calmMs - clockMs - frontierMs;
  const leastInterleavedMs = perRound * FEWEST_ROUNDS * SHORTEST_WINDOW_MS;
  // A third of what is free for kills: their recovery needs a few, the partial faults need rows.
  const kills =
    oneKillEachMs === 0
      ? 0
      : Math.min(
          MOST_KILLS,
          Math.max(
            FEWEST_KILLS,
            Math.floor(Math.min(freeMs / 3, freeMs - leastInterleavedMs) / oneKillEachMs),
          ),
        );
  const interleavedMs = Math.max(leastInterleavedMs, freeMs - kills * oneKillEachMs);
  const windowMs = Math.min(
    LONGEST_WINDOW_MS,
    Math.max(SHORTEST_WINDOW_MS, Math.floor(interleavedMs / perRound / WISHED_ROUNDS)),
  );
  const rounds = Math.max(FEWEST_ROUNDS, Math.floor(interleavedMs / perRound / windowMs));
  const plannedMs =
    FIXED_MS + calmMs + clockMs + frontierMs + kills * oneKillEachMs + rounds * perRound * windowMs;
  return { rounds, windowMs, kills, plannedMs };
};

const sizeNotes = (
  suite: Suite,
  scenarios: readonly Scenario[],
  sizes: Sizes & { plannedMs: number },
): string[] => {
  const notes: string[] = [];
  if (sizes.plannedMs > suite.policy.budgetMs * 1.02) {
    notes.push(
      `The budget of ${suite.policy.budgetMs / 1000} s is too short for ${scenarios.length - 1 + suite.frontiers.length} experiments: the run takes about ${Math.ceil(sizes.plannedMs / 1000)} s. Raise gate.budget or remove experiments.`,
    );
  }
  if (suite.workload.arrivals === "closed") return notes;
  const rows = Math.floor((sizes.rounds * sizes.windowMs * suite.workload.rateRps) / 1000);
  for (const scenario of scenarios) {
    if (scenario.shape !== "attributed") continue;
    const fraction = Math.max(...scenario.faults.map((fault) => fault.fraction));
    if (rows * fraction < FEWEST_HITS || rows < FEWEST_ROWS) {
      notes.push(
        `${scenario.name}: ${rows} requests and ${Math.round(rows * fraction)} hits are too few to judge (${FEWEST_ROWS} and ${FEWEST_HITS} are needed). Raise workload.rate, gate.budget or the fault's fraction.`,
      );
    }
  }
  return notes;
};

/** Windows in the order in which they run. Depends only on the suite, never on what was measured. */
export const layTimetable = (
  suite: Suite,
  scenarios: readonly Scenario[],
  requestCount: number,
): Timetable => {
  const sizes = sizeWindows(suite, scenarios, requestCount);
  const byName = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  const interleaved = scenarios
    .filter(({ shape }) => shape === "attributed" || shape === "ambient")
    .map(({ name }) => name);
  const windows: TimetableWindow[] = [];
  const spare: TimetableWindow[] = [];
  const add = (
    name: string,
    round: number,
    durationMs: number,
    guardMs: number,
    look = LOOKS,
    to = windows,
  ): void => {
    const shape = byName.get(name)?.shape ?? "control";
    const place = to.filter((window) => window.scenario === name && window.round === round).length;
    to.push({ scenario: name, shape, round, look, place, durationMs, guardMs });
  };
  const ambient = scenarios.some(({ shape }) => shape === "ambient");
  const addRound = (round: number, look: number, to: TimetableWindow[]): void => {
    for (const name of interleavedRound(interleaved, round)) {
      const shape = byName.get(name)?.shape ?? "control";
      // Faults that follow their request need no guard; limits reach into their neighbours (METHOD 2).
      const guarded = shape === "ambient" || (ambient && shape === "control");
      const guardMs = guarded ? Math.min(1000, sizes.windowMs / 4) : 0;
      add(name, round, sizes.windowMs, guardMs, look, to);
    }
  };
  for (let round = 0; round < sizes.rounds; round++)
    addRound(round, Math.floor((LOOKS * round) / sizes.rounds), windows);
  // No more can be left over than all rounds after the first look.
  for (let extra = 0; extra < sizes.rounds; extra++) addRound(sizes.rounds + extra, LOOKS + 1 + extra, spare);
  for (let round = 0; round < CLOCK_ROUNDS; round++) {
    for (const { name, shape } of scenarios) if (shape === "clock") add(name, round, CLOCK_WINDOW_MS, 0);
  }
  for (let round = 0; round < sizes.kills; round++) {
    for (const scenario of scenarios)
      if (scenario.shape === "kill") add(scenario.name, round, killWindowMs(scenario), KILL_LEAD_MS);
  }
  return { windows, spare, notes: sizeNotes(suite, scenarios, sizes) };
};
