/** How a service came back: the share of good answers since a kill, or since an outage began. */
import { isFailure, isUnscored, type Outcome } from "../../../outcome.ts";
import type { Profile, RecoveryRecord } from "../../../profile.ts";
import { medianOf } from "../../../statistics/quantile.ts";
import { binWidth, inSegments, LATEST_MS } from "./thin.ts";

export interface RecoveryPoint {
  /** Middle of the bin, seconds since the fault; before it: negative. */
  readonly sinceS: number;
  readonly requests: number;
  /** Answered well, 0..1. */
  readonly goodShare: number;
  /** Bins that follow each other without a gap have the same number. */
  readonly segment: number;
}

export interface KillsRecovered {
  readonly kills: number;
  /** Kills after which no good answer came while it was watched. */
  readonly censored: number;
  /** Kill to the first good answer; +Infinity: it lies among those that were not recovered from. */
  readonly medianMs: number;
  /** Shortest watch of a censored one; null: none is censored. */
  readonly watchedMs: number | null;
}

export interface RecoverySide {
  /** Rounds (of all runs together) that count. */
  readonly rounds: number;
  readonly points: readonly RecoveryPoint[];
  /** Null: nothing was killed. */
  readonly kills: KillsRecovered | null;
}

export interface RecoverySeries {
  readonly scenario: string;
  /** `kill`: zero is the kill; `clock`: the window's start. */
  readonly shape: "kill" | "clock";
  /** Width of a bin, seconds. */
  readonly stepS: number;
  readonly head: RecoverySide;
  /** All runs of the baseline together; null: none has it. */
  readonly base: RecoverySide | null;
}

const MOST_POINTS = 300;
/** Quarters and halves of a second are told apart where there are so many requests in each. */
const FEWEST_A_BIN = 12;
const WIDTHS_S = [0.25, 0.5, 1] as const;

interface Asked {
  readonly sinceS: number;
  readonly isGood: boolean;
}

interface Seen {
  readonly asked: readonly Asked[];
  readonly rounds: number;
}

const EMPTY: Seen = { asked: [], rounds: 0 };

/** Its first kill of ours by window; a kill comes some time into it. A window that was repeated has the kills of its first try too. */
const killsByWindow = ({ deaths, windows }: Profile): ReadonlyMap<number, number> => {
  const kills = new Map<number, number>();
  for (const { injected, window, atMs } of deaths) {
    const { startMs, durationMs } = windows[window] ?? { startMs: 0, durationMs: -1 };
    if (injected && atMs >= startMs && atMs <= startMs + durationMs)
      kills.set(window, Math.min(atMs, kills.get(window) ?? Number.POSITIVE_INFINITY));
  }
  return kills;
};

const zeroMs = (
  kills: ReadonlyMap<number, number>,
  shape: "kill" | "clock",
  index: number,
  startMs: number,
): number => (shape === "kill" ? (kills.get(index) ?? startMs) : startMs);

/** Requests of each scenario's load windows that count, in one pass over all. */
const seenIn = (
  profile: Profile,
  shapes: ReadonlyMap<string, "kill" | "clock">,
): ReadonlyMap<string, Seen> => {
  const kills = killsByWindow(profile);
  const seen = new Map<string, { asked: Asked[]; rounds: number }>();
  const zeros = profile.windows.map(({ scenario, phase, startMs, invalid }, index) => {
    const shape = shapes.get(scenario);
    if (shape === undefined || phase !== "load" || invalid !== undefined) return null;
    const own = seen.get(scenario) ?? { asked: [], rounds: 0 };
    own.rounds++;
    seen.set(scenario, own);
    return { asked: own.asked, offsetMs: startMs - zeroMs(kills, shape, index, startMs) };
  });
  const isGood = (outcome: Outcome): boolean => !isFailure(outcome);
  for (const { window, scheduledMs, outcome } of profile.observations) {
    const zero = zeros[window];
    if (zero === null || zero === undefined || isUnscored(outcome)) continue;
    const sinceMs = scheduledMs + zero.offsetMs;
    if (Math.abs(sinceMs) <= LATEST_MS) zero.asked.push({ sinceS: sinceMs / 1000, isGood: isGood(outcome) });
  }
  return seen;
};

const pointsOf = (asked: readonly Asked[], stepS: number): readonly RecoveryPoint[] =>
  inSegments(
    [...Map.groupBy(asked, ({ sinceS }) => Math.floor(sinceS / stepS))]
      .sort(([a], [b]) => a - b)
      .map(([bin, own]) => ({
        sinceS: (bin + 0.5) * stepS,
        requests: own.length,
        goodShare: own.filter(({ isGood }) => isGood).length / own.length,
      })),
    ({ sinceS }) => sinceS,
    1.5 * stepS,
  );

/** Finest width at which the poorer side has enough requests in a bin. */
const stepOf = (sides: readonly (readonly Asked[])[]): number => {
  const isFine = (stepS: number): boolean =>
    sides.every((asked) => {
      const counts = pointsOf(asked, stepS).map(({ requests }) => requests);
      return counts.length <= MOST_POINTS && (medianOf(counts) ?? 0) >= FEWEST_A_BIN;
    });
  const fine = WIDTHS_S.find(isFine);
  if (fine !== undefined) return fine;
  return Math.max(
    ...sides.map((asked) =>
      binWidth(
        asked.map(({ sinceS }) => sinceS),
        MOST_POINTS,
      ),
    ),
  );
};

const killsOf = (records: readonly RecoveryRecord[]): KillsRecovered | null => {
  if (records.length === 0) return null;
  const censored = records.filter(({ recoveryMs }) => recoveryMs === null);
  return {
    kills: records.length,
    censored: censored.length,
    medianMs: medianOf(records.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY)) ?? 0,
    watchedMs:
      censored.length === 0
        ? null
        : censored.reduce((least, { watchedMs }) => Math.min(least, watchedMs), Number.POSITIVE_INFINITY),
  };
};

const together = (all: readonly Seen[]): Seen => ({
  asked: all.flatMap(({ asked }) => asked),
  rounds: all.reduce((sum, { rounds }) => sum + rounds, 0),
});

const byScenario = (profiles: readonly Profile[]): ReadonlyMap<string, readonly RecoveryRecord[]> =>
  Map.groupBy(
    profiles.flatMap(({ recoveries }) => recoveries),
    ({ scenario }) => scenario,
  );

/**
 * One for each kill and outage that was measured, kills first. A bin's share is over the requests of all rounds together (and of all
 * runs of the baseline), so it is their mean weighted by requests.
 */
export const recoverySeries = (
  head: Profile,
  baselines: readonly Profile[] = [],
): readonly RecoverySeries[] => {
  const shapes = new Map(
    head.scenarios.flatMap(({ name, shape }) =>
      shape === "kill" || shape === "clock" ? [[name, shape] as const] : [],
    ),
  );
  if (shapes.size === 0) return [];
  const ofHead = seenIn(head, shapes);
  const ofBase = baselines.map((profile) => seenIn(profile, shapes));
  const headKills = byScenario([head]);
  const baseKills = byScenario(baselines);
  return [...shapes]
    .flatMap(([scenario, shape]): RecoverySeries[] => {
      const own = ofHead.get(scenario) ?? EMPTY;
      if (own.asked.length === 0) return [];
      const base = together(ofBase.map((seen) => seen.get(scenario) ?? EMPTY));
      const hasBase = base.asked.length > 0;
      const stepS = stepOf(hasBase ? [own.asked, base.asked] : [own.asked]);
      const side = (seen: Seen, records: readonly RecoveryRecord[] = []): RecoverySide => ({
        rounds: seen.rounds,
        points: pointsOf(seen.asked, stepS),
        kills: killsOf(records),
      });
      return [
        {
          scenario,
          shape,
          stepS,
          head: side(own, headKills.get(scenario)),
          base: hasBase ? side(base, baseKills.get(scenario)) : null,
        },
      ];
    })
    .sort((a, b) => Number(b.shape === "kill") - Number(a.shape === "kill"));
};
