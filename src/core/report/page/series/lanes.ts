/** Which fault was in force when: a lane for each. */
import type { Profile } from "../../../profile.ts";
import { isDrawable } from "./thin.ts";

export interface Span {
  /** Seconds from the run's start. */
  readonly fromS: number;
  readonly toS: number;
  /** False: it did not count. */
  readonly isScored: boolean;
  /** Several with gaps between them, for which there was no room. */
  readonly isOnAndOff?: true;
}

export interface Lane {
  /** A scenario's name; null: the faults for which there was no lane of their own, or what `what` says. */
  readonly scenario: string | null;
  readonly what: "calm" | "fault" | "other-faults" | "trials" | "policies";
  /** Faults in it. */
  readonly faults: number;
  /** By time, not overlapping among those that count and among those that do not. */
  readonly spans: readonly Span[];
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** Spans of one lane that are closer than this are drawn as one, seconds; 0: each by itself. */
  readonly joinedS: number;
}

const MOST_LANES = 16;
const MOST_SPANS = 300;
/** The windows of one stretch follow each other; their starts are measured. */
const TOUCHING_S = 0.02;

const joined = (spans: readonly Span[], gapS: number): readonly Span[] => {
  const all: Span[] = [];
  for (const isScored of [true, false]) {
    const first = all.length;
    for (const span of spans) {
      if (span.isScored !== isScored) continue;
      const last = all.length > first ? all.at(-1) : undefined;
      if (last !== undefined && span.fromS - last.toS <= gapS)
        all[all.length - 1] = {
          ...last,
          toS: Math.max(last.toS, span.toS),
          ...(span.fromS - last.toS > TOUCHING_S ? { isOnAndOff: true } : {}),
        };
      else all.push(span);
    }
  }
  return all.sort((a, b) => a.fromS - b.fromS);
};

/** Wider and wider gaps are closed until all lanes together have no more than `MOST_SPANS`. */
const fitted = (lanes: readonly Lane[]): Lanes => {
  for (let gapS = TOUCHING_S; ; gapS *= 2) {
    const fit = lanes.map((lane) => ({ ...lane, spans: joined(lane.spans, gapS) }));
    const count = fit.reduce((sum, { spans }) => sum + spans.length, 0);
    // Each lane has two at the least, whatever is closed: those that count, and the others.
    if (count <= Math.max(MOST_SPANS, 2 * lanes.length))
      return { lanes: fit, joinedS: gapS === TOUCHING_S ? 0 : gapS };
  }
};

const spanOf = (startMs: number, durationMs: number, isScored = true): Span[] =>
  isDrawable(startMs) && isDrawable(startMs + durationMs) && durationMs >= 0
    ? [{ fromS: startMs / 1000, toS: (startMs + durationMs) / 1000, isScored }]
    : [];

const byStart = (spans: readonly Span[]): readonly Span[] => spans.toSorted((a, b) => a.fromS - b.fromS);

const ofScenarios = ({ windows, scenarios }: Profile, first: ReadonlySet<string>): readonly Lane[] => {
  const calm = new Set(scenarios.filter(({ shape }) => shape === "control").map(({ name }) => name));
  const loads = windows.filter(({ phase }) => phase === "load");
  const lanes = [...Map.groupBy(loads, ({ scenario }) => scenario)].flatMap(([scenario, own]): Lane[] => {
    const spans = own.flatMap(({ startMs, durationMs, invalid }) =>
      spanOf(startMs, durationMs, invalid === undefined),
    );
    return spans.length === 0
      ? []
      : [{ scenario, what: calm.has(scenario) ? "calm" : "fault", faults: 1, spans: byStart(spans) }];
  });
  if (lanes.length <= MOST_LANES) return lanes;
  const weight = ({ scenario, what }: Lane): number => (what === "calm" || first.has(scenario ?? "") ? 0 : 1);
  const kept = new Set(lanes.toSorted((a, b) => weight(a) - weight(b)).slice(0, MOST_LANES - 1));
  const others = lanes.filter((lane) => !kept.has(lane));
  return [
    ...lanes.filter((lane) => kept.has(lane)),
    {
      scenario: null,
      what: "other-faults",
      faults: others.length,
      spans: byStart(others.flatMap(({ spans }) => spans)),
    },
  ];
};

/**
 * In the order in which they were first in force; calm traffic has a lane too.
 *
 * @param first scenarios that must have a lane of their own where there are too many
 */
export const lanesOf = (profile: Profile, first: ReadonlySet<string> = new Set()): Lanes => {
  const extra = (what: "trials" | "policies", spans: readonly Span[]): Lane[] =>
    spans.length === 0 ? [] : [{ scenario: null, what, faults: 0, spans: byStart(spans) }];
  return fitted([
    ...ofScenarios(profile, first),
    ...extra(
      "trials",
      (profile.trials ?? []).flatMap(({ startMs, durationMs }) => spanOf(startMs, durationMs)),
    ),
    ...extra(
      "policies",
      (profile.policyRuns ?? []).flatMap(({ startMs, durationMs }) => spanOf(startMs, durationMs)),
    ),
  ]);
};
