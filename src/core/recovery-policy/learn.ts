/**
 * The learned policy: of the cases most alike, the remedy that is surest to help. k nearest neighbours (Fix and Hodges 1951), each remedy's
 * successes among them with a Beta posterior.
 *
 *   symptoms -> cases no farther than NEAR -> nearest K of each remedy -> Beta -> best lower bound, if it is worth it
 */
import type { Remedy } from "../remedy/remedy.ts";
import { formatMs, formatShare } from "../report/format.ts";
import { type Chance, chanceAfter } from "../statistics/beta.ts";
import type { RecoveryCase } from "./cases.ts";
import { symptomDistance } from "./distance.ts";
import { remediesText } from "./remedy-text.ts";
import type { Symptoms } from "./rule.ts";

/** Cases of one remedy that are asked. */
const MOST_NEIGHBOURS = 10;
/** Steps (distance.ts) within which two vectors are alike. */
const NEAR = 0.75;
/** Nothing is done that is not known, with 95 %, to help at least so often. */
const LEAST_CHANCE = 0.5;
/** Cases that an explanation names. */
const NAMED = 3;

export interface Suggestion {
  readonly remedies: readonly Remedy[];
  readonly chance: Chance;
  /** Nearest first. */
  readonly cases: readonly RecoveryCase[];
  /** "5 of 5 alike cases (cpu 98 %, errors 12 %) recovered with cpus x2; chance 86 %, 95 % interval 54..100 %; ..." */
  readonly because: string;
}

interface Neighbours {
  readonly remedies: readonly Remedy[];
  readonly cases: readonly RecoveryCase[];
  readonly recovered: number;
  readonly chance: Chance;
}

/** Nearest cases of each remedy that was ever tried (`[]`: nothing done). */
const neighboursOf = (cases: readonly RecoveryCase[], symptoms: Symptoms): readonly Neighbours[] => {
  const near = cases
    .map((one) => ({ one, distance: symptomDistance(one.symptoms, symptoms) }))
    .filter(({ distance }) => distance <= NEAR)
    .toSorted((a, b) => a.distance - b.distance);
  const byRemedy = Map.groupBy(near, ({ one }) => JSON.stringify(one.remedies));
  return [...byRemedy.values()].flatMap((group): Neighbours[] => {
    const nearest = group.slice(0, MOST_NEIGHBOURS).map(({ one }) => one);
    const [first] = nearest;
    if (first === undefined) return [];
    const recovered = nearest.filter((each) => each.recovered).length;
    return [
      { remedies: first.remedies, cases: nearest, recovered, chance: chanceAfter(recovered, nearest.length) },
    ];
  });
};

const figuresText = ({ cpu, errorRate, p95Ms }: Symptoms): string =>
  [
    ...(cpu === null ? [] : [`cpu ${formatShare(cpu)}`]),
    ...(errorRate === null ? [] : [`errors ${formatShare(errorRate)}`]),
    ...(p95Ms === null ? [] : [`p95 ${formatMs(p95Ms)}`]),
  ].join(", ");

const percent = (share: number): string => `${Math.round(share * 100)}`;

const nameOf = ({ scenario, commit, recovered }: RecoveryCase): string =>
  `${scenario}${commit === undefined ? "" : ` of ${commit.slice(0, 7)}`}${recovered ? "" : " (not recovered)"}`;

const explain = (
  { remedies, cases, recovered, chance }: Neighbours,
  symptoms: Symptoms,
  idle: Neighbours | undefined,
): string => {
  const [low, high] = chance.interval;
  return [
    `${recovered} of ${cases.length} alike cases (${figuresText(symptoms)}) recovered with ${remediesText(remedies)}`,
    `chance ${percent(chance.mean)} %, 95 % interval ${percent(low)}..${percent(high)} %`,
    ...(idle === undefined ? [] : [`doing nothing: ${idle.recovered} of ${idle.cases.length}`]),
    `nearest: ${cases.slice(0, NAMED).map(nameOf).join(", ")}`,
  ].join("; ");
};

/**
 * What the cases say is to be done about these symptoms; null: no case is near, none is sure enough, or doing nothing does as well.
 *
 * @param possible whether a remedy can be applied here at all
 */
export const suggest = (
  cases: readonly RecoveryCase[],
  symptoms: Symptoms,
  possible: (remedies: readonly Remedy[]) => boolean,
): Suggestion | null => {
  const neighbours = neighboursOf(cases, symptoms);
  const idle = neighbours.find(({ remedies }) => remedies.length === 0);
  const [best] = neighbours
    .filter(
      ({ remedies, chance }) =>
        remedies.length > 0 &&
        chance.interval[0] >= LEAST_CHANCE &&
        chance.mean > (idle?.chance.mean ?? 0) &&
        possible(remedies),
    )
    .toSorted((a, b) => b.chance.interval[0] - a.chance.interval[0]);
  if (best === undefined) return null;
  const { remedies, chance, cases: nearest } = best;
  return { remedies, chance, cases: nearest, because: explain(best, symptoms, idle) };
};
