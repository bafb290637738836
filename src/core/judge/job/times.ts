/**
 * Figures of restarts and runs on a log scale, as recovery times are (checks/recovery.ts): strike by strike where base and head were
 * struck at the same steps.
 */
import type { Restart } from "../../job/restarts.ts";
import { type Strata, stratifiedDifference } from "../../statistics/stratified-t.ts";
import { tQuantile, tUpperTail } from "../../statistics/student-t.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { faultScenarios, type JudgeContext } from "../context.ts";
import { type JobProfile, type JobSides, runsOf } from "./sides.ts";

/** Fewest values on either side. */
const LEAST = 3;

/** What is allowed of an expected level, and what must be excluded for a pass. */
interface LogRule {
  /** Added before the logarithm is taken, for figures that may be 0. */
  readonly offset: number;
  readonly margin: (expected: number) => number;
  readonly ceiling: (expected: number) => number;
  readonly moreIsBetter: boolean;
}

/** The baseline as it may have been on the head's machine: as least blames the head, and as least praises it. */
interface Values {
  readonly head: Strata;
  readonly base: Strata;
  readonly baseAtBest: Strata;
}

const countOf = (strata: Strata): number => [...strata.values()].flat().length;

const logged = (strata: Strata, offset: number): Strata =>
  new Map([...strata].map(([key, values]) => [key, values.map((value) => Math.log(value + offset))]));

/** Head minus base where the head's logarithm is `log` above the base's. */
const changeAt = (expected: number, offset: number, log: number): number =>
  (expected + offset) * Math.expm1(log);

const compareLogs = (subject: Subject, values: Values, rule: LogRule): Comparison => {
  const [headN, baseN] = [countOf(values.head), countOf(values.base)];
  const open = { ...subject, primary: false };
  if (headN === 0 || baseN === 0) return refused(open, "not-measured", { n: headN });
  if (Math.min(headN, baseN) < LEAST) return refused(open, "n", { n: headN });
  const { offset, moreIsBetter } = rule;
  const head = logged(values.head, offset);
  const { base, difference, se, df } = stratifiedDifference(head, logged(values.base, offset));
  const best = stratifiedDifference(head, logged(values.baseAtBest, offset));
  const expected = Math.max(0, Math.exp(base) - offset);
  const expectedAtBest = Math.max(0, Math.exp(best.base) - offset);
  const change = (log: number): number => changeAt(expected, offset, log);
  const changeFromBest = (log: number): number => changeAt(expectedAtBest, offset, log);
  const half = tQuantile(0.975, df) * se;
  const [margin, ceiling] = [rule.margin(expected), rule.ceiling(expected)];
  const sign = moreIsBetter ? -1 : 1;
  // The difference of logarithms at which a change for the worse is just allowed.
  const allowedLog = Math.log1p((sign * margin) / (expected + offset));
  const upper = sign * change(difference + sign * tQuantile(0.95, df) * se);
  const mildEnd = change(difference + (moreIsBetter ? half : -half));
  const harshEnd = changeFromBest(best.difference + (moreIsBetter ? -half : half));
  const comparison = assessed(subject, {
    base: expected,
    head: Math.max(0, Math.exp(base + difference) - offset),
    change: change(difference),
    interval: [Math.min(mildEnd, harshEnd), Math.max(mildEnd, harshEnd)],
    margin,
    p: tUpperTail((sign * (difference - allowedLog)) / se, df),
    bounded: upper < ceiling,
    n: headN,
    details: { E: expected, S: (expected + offset) * se, df, upper, ceiling, baseN },
  });
  return moreIsBetter ? { ...comparison, moreIsBetter: true } : comparison;
};

/** By what caused the restart: the same planned strike, or a death of the job's own. */
const stratumOf = ({ cause, strike }: Restart): string =>
  cause === "own" ? "own" : `${cause} ${strike ?? "-"}`;

const restartValues = (
  profiles: readonly JobProfile[],
  scenario: string,
  of: (restart: Restart, each: JobProfile) => number | null,
): Strata => {
  const values = profiles.flatMap((each) =>
    runsOf([each], scenario)
      .flatMap(({ restarts }) => restarts)
      .flatMap((restart) => {
        const value = of(restart, each);
        return value === null ? [] : [{ stratum: stratumOf(restart), value }];
      }),
  );
  return new Map(
    [...Map.groupBy(values, ({ stratum }) => stratum)].map(([key, group]) => [
      key,
      group.map(({ value }) => value),
    ]),
  );
};

/** 25 % or two steps; a pass excludes 60 % or four. */
const LOST_STEPS: LogRule = {
  offset: 1,
  margin: (expected) => Math.max(0.25 * expected, 2),
  ceiling: (expected) => Math.max(0.6 * expected, 4),
  moreIsBetter: false,
};

/** Ceiling over margin, as for recoveries: 60 % over 25 %, and 1 s over 0.5 s. */
const CEILING_RELATIVE = 2.4;
const CEILING_ABSOLUTE = 2;

const resumeRule = ({ policy }: JudgeContext): LogRule => {
  const { relative, absoluteMs } = policy.recovery;
  return {
    offset: 0,
    margin: (expected) => Math.max(relative * expected, absoluteMs),
    ceiling: (expected) => Math.max(CEILING_RELATIVE * relative * expected, CEILING_ABSOLUTE * absoluteMs),
    moreIsBetter: false,
  };
};

/** 15 % of it; a pass excludes 36 %. */
const GOODPUT: LogRule = {
  offset: 0,
  margin: (expected) => 0.15 * expected,
  ceiling: (expected) => 0.36 * expected,
  moreIsBetter: true,
};

/** Times below this can not be told apart. */
const RESOLUTION_MS = 1;
/** A run that made no progress at all still has a logarithm. */
const LEAST_GOODPUT = 0.001;

/** How much of a wait is work, and follows the machine, nobody knows: it lies between none of it and all. */
const resumeValues = ({ head, baseline }: JobSides, scenario: string): Values => {
  const times = (end: (ratio: number) => number): Strata =>
    restartValues(baseline, scenario, ({ resumeMs }, { profile }) => {
      const ratio = head.profile.probeMs / profile.probeMs || 1;
      return resumeMs === null ? null : Math.max(RESOLUTION_MS, resumeMs) * end(ratio);
    });
  return {
    head: restartValues([head], scenario, ({ resumeMs }) =>
      resumeMs === null ? null : Math.max(RESOLUTION_MS, resumeMs),
    ),
    base: times((ratio) => Math.max(1, ratio)),
    baseAtBest: times((ratio) => Math.min(1, ratio)),
  };
};

/** Goodput of a run whose steps take `times` as long, and whose waits are as they were. */
const atPace = (goodput: number, times: number): number =>
  (goodput * times) / (goodput * times + 1 - goodput);

/** Steps that became quicker, by the machine or by the change, leave the waits a larger part: that is no loss of goodput. */
const goodputValues = ({ head, baseline }: JobSides, scenario: string): Values => {
  const of = (
    profiles: readonly JobProfile[],
    expected: (goodput: number, each: JobProfile) => number,
  ): Strata => {
    const values = profiles.flatMap((each) =>
      runsOf([each], scenario).flatMap(({ goodput }) =>
        goodput === null ? [] : Math.max(LEAST_GOODPUT, expected(goodput, each)),
      ),
    );
    return values.length === 0 ? new Map() : new Map([["runs", values]]);
  };
  const times = ({ figures }: JobProfile): number => {
    const [now, then] = [head.figures.pace?.medianMs ?? 0, figures.pace?.medianMs ?? 0];
    return now > 0 && then > 0 ? now / then : 1;
  };
  return {
    head: of([head], (goodput) => goodput),
    base: of(baseline, (goodput, each) => Math.min(goodput, atPace(goodput, times(each)))),
    baseAtBest: of(baseline, (goodput, each) => Math.max(goodput, atPace(goodput, times(each)))),
  };
};

export const timeComparisons = (context: JudgeContext, sides: JobSides): readonly Comparison[] =>
  faultScenarios(context)
    .filter(({ name }) => runsOf(sides.baseline, name).length > 0)
    .flatMap(({ name }) => {
      const subject = { scenario: name, method: "stored" } as const;
      const lost = (profiles: readonly JobProfile[]): Strata =>
        restartValues(profiles, name, ({ lostSteps }) => lostSteps);
      const base = lost(sides.baseline);
      return [
        compareLogs(
          { ...subject, metric: "lost-steps", unit: "count", primary: false },
          { head: lost([sides.head]), base, baseAtBest: base },
          LOST_STEPS,
        ),
        compareLogs(
          { ...subject, metric: "resume", unit: "ms", primary: true },
          resumeValues(sides, name),
          resumeRule(context),
        ),
        compareLogs(
          { ...subject, metric: "goodput", unit: "share", primary: true },
          goodputValues(sides, name),
          GOODPUT,
        ),
      ];
    });
