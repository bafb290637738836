/**
 * What trials say of each remedy: pure, so that samples that are judged again say the same.
 *
 *   restored   back at the steady state: the figure's interval reaches to within the margin of it, nine tenths of the way are made, and it
 *              differs from the figure without the remedy (95 % interval of the change below 0)
 *   helped     at least half of the way, and it differs; or restored, at the cost of another figure
 *   no-effect  neither, or the remedy had nothing to act on
 *   worse      the figure is worse by more than the margin, and it differs
 */
import type { Remedy } from "../remedy/remedy.ts";
import type { RemedyTrial, TrialFigures } from "../remedy/trial.ts";
import { formatShare, formatValue } from "../report/format.ts";
import { METRIC_WORDS } from "../report/words.ts";
import { costRank } from "./candidates.ts";
import { describeRemedy } from "./describe.ts";
import { differenceOf, type Estimate, estimateOf } from "./estimate.ts";
import { unitOfTrial } from "./metric.ts";
import type { DiagnosisResult, RemedyOutcome, TriedRemedy } from "./result.ts";
import type { Aim, DiagnosisSubject } from "./subject.ts";

/** Of the way back, for a remedy that restored and for one that helped. */
const RESTORED = 0.9;
const HELPED = 0.5;
/** More remedies than are ever tried for one scenario: what a stranger's samples hold beyond is not told. */
const MOST_TOLD = 50;

/** Begins the `invalid` of a trial that never was. */
export const NOT_TRIED = "not tried: ";

const keyOf = (remedy: Remedy): string =>
  JSON.stringify(Object.entries(remedy).sort(([a], [b]) => (a < b ? -1 : 1)));

const figuresOf = (trials: readonly RemedyTrial[]): readonly TrialFigures[] =>
  trials.filter(({ invalid }) => invalid === undefined).map(({ figures }) => figures);

interface Compared {
  readonly without: Estimate;
  readonly with: Estimate;
  /** 95 % interval of with minus without. */
  readonly interval: readonly [number, number];
}

const compare = (
  { edge, censorMs }: DiagnosisSubject,
  { metric }: Aim,
  without: readonly TrialFigures[],
  withIt: readonly TrialFigures[],
): Compared | null => {
  const [before, after] = [without, withIt].map((figures) => estimateOf(figures, metric, edge, censorMs));
  if (before === undefined || before === null || after === undefined || after === null) return null;
  return { without: before, with: after, interval: differenceOf(after, before) };
};

const isSteady = (estimate: Estimate, { steady, margin }: Aim): boolean =>
  steady !== null && estimate.low <= steady + margin;

/** Is the figure where it should be, or no further off than its margin, as far as these windows can tell? */
export const isAtRest = (subject: DiagnosisSubject, trials: readonly RemedyTrial[]): boolean => {
  const { aim, edge, censorMs } = subject;
  const estimate = estimateOf(figuresOf(trials), aim.metric, edge, censorMs);
  return estimate !== null && aim.steady !== null && estimate.value <= aim.steady + aim.margin;
};

const shareOfWay = ({ without, with: after }: Compared, { steady }: Aim): number | null => {
  if (steady === null) return null;
  const way = without.value - steady;
  return way <= 0 ? null : Math.min(1, (without.value - after.value) / way);
};

/** Figures of what clients get that are worse with the remedy, and not where they should be. */
const spoiled = (
  subject: DiagnosisSubject,
  without: readonly TrialFigures[],
  withIt: readonly TrialFigures[],
): readonly string[] =>
  subject.guards.flatMap((guard) => {
    const compared = compare(subject, guard, without, withIt);
    if (compared === null) return [];
    const worse = compared.interval[0] > 0 && compared.with.value - compared.without.value > guard.margin;
    if (!worse || isSteady(compared.with, guard)) return [];
    const unit = unitOfTrial(guard.metric);
    const [from, to] = [compared.without.value, compared.with.value].map((value) => formatValue(value, unit));
    return [`${METRIC_WORDS[guard.metric]} ${from} -> ${to}`];
  });

interface Told {
  readonly outcome: RemedyOutcome;
  readonly reason: string;
}

const tell = (
  subject: DiagnosisSubject,
  compared: Compared,
  share: number | null,
  costs: readonly string[],
): Told => {
  const { aim } = subject;
  const [low, high] = compared.interval;
  const change = compared.with.value - compared.without.value;
  if (low > 0 && change > aim.margin) return { outcome: "worse", reason: "it is worse with it" };
  if (aim.steady !== null && compared.without.value <= aim.steady + aim.margin)
    return { outcome: "no-effect", reason: "without a remedy nothing was wrong in the trial either" };
  if (high >= 0) return { outcome: "no-effect", reason: "no difference beyond chance" };
  if (share === null || share < HELPED) {
    const way = share === null ? "part" : formatShare(Math.max(0, share));
    return { outcome: "no-effect", reason: `only ${way} of the way back` };
  }
  const back = share >= RESTORED && isSteady(compared.with, aim);
  if (back && costs.length === 0) return { outcome: "restored", reason: "back at the steady state" };
  const far = back ? "back at the steady state" : `${formatShare(share)} of the way back`;
  return {
    outcome: "helped",
    reason: costs.length === 0 ? far : `${far}, but at a cost: ${costs.join(", ")}`,
  };
};

const untried = (remedy: Remedy, reason: string): TriedRemedy => ({
  remedy,
  description: describeRemedy(remedy),
  outcome: "not-tried",
  value: null,
  interval: null,
  restoredShare: null,
  reason,
});

/** A time at the deadline is one that never came. */
const uncensored = (value: number, { aim, censorMs }: DiagnosisSubject): number =>
  unitOfTrial(aim.metric) === "ms" && value >= censorMs ? Number.POSITIVE_INFINITY : value;

const whyNot = (trials: readonly RemedyTrial[]): string => {
  const why = trials.find(({ invalid }) => invalid !== undefined)?.invalid ?? "nothing was measured";
  return why.startsWith(NOT_TRIED) ? why.slice(NOT_TRIED.length) : `its window does not count: ${why}`;
};

/** One remedy, by its windows and those without any. */
const judgeRemedy = (
  subject: DiagnosisSubject,
  without: readonly TrialFigures[],
  trials: readonly RemedyTrial[],
  remedy: Remedy,
): TriedRemedy => {
  const withIt = figuresOf(trials);
  if (withIt.length === 0) return untried(remedy, whyNot(trials));
  const compared = compare(subject, subject.aim, without, withIt);
  if (compared === null) return untried(remedy, "there is no window without it to compare with");
  const share = shareOfWay(compared, subject.aim);
  const receipts = trials.flatMap(({ receipt, invalid }) =>
    receipt === null || invalid !== undefined ? [] : [receipt],
  );
  const idle = receipts.length > 0 && receipts.every(({ acted }) => acted === 0);
  const told: Told = idle
    ? { outcome: "no-effect", reason: "it found nothing to act on" }
    : tell(subject, compared, share, spoiled(subject, without, withIt));
  return {
    remedy,
    description: describeRemedy(remedy),
    ...told,
    value: uncensored(compared.with.value, subject),
    interval: compared.interval,
    restoredShare: share,
  };
};

/** The cheapest that restored it, else the one that helped most. */
const bestOf = (tried: readonly TriedRemedy[]): TriedRemedy | null => {
  const [cheapest] = tried
    .filter(({ outcome }) => outcome === "restored")
    .toSorted((a, b) => costRank(a.remedy) - costRank(b.remedy));
  const [most] = tried
    .filter(({ outcome }) => outcome === "helped")
    .toSorted((a, b) => (b.restoredShare ?? 0) - (a.restoredShare ?? 0));
  return cheapest ?? most ?? null;
};

/** What the scenario's trials came to. @param all of any scenario */
export const diagnose = (subject: DiagnosisSubject, all: readonly RemedyTrial[]): DiagnosisResult => {
  const { scenario, edge, aim, censorMs } = subject;
  const trials = all.filter((trial) => trial.scenario === scenario);
  const without = figuresOf(trials.filter(({ remedy }) => remedy === null));
  const byRemedy = Map.groupBy(
    trials.flatMap((trial) => (trial.remedy === null ? [] : [{ ...trial, remedy: trial.remedy }])),
    ({ remedy }) => keyOf(remedy),
  );
  const tried = [...byRemedy.values()].slice(0, MOST_TOLD).flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [judgeRemedy(subject, without, own, first.remedy)];
  });
  const before = estimateOf(without, aim.metric, edge, censorMs);
  return {
    scenario,
    metric: aim.metric,
    unit: unitOfTrial(aim.metric),
    ...(edge === undefined ? {} : { edge }),
    without: before === null ? null : uncensored(before.value, subject),
    steady: aim.steady,
    tried,
    best: bestOf(tried),
  };
};

/** Has this remedy restored the steady state, by the trials so far? */
export const hasRestored = (
  subject: DiagnosisSubject,
  trials: readonly RemedyTrial[],
  remedy: Remedy,
): boolean =>
  diagnose(subject, trials).tried.some(
    (each) => each.outcome === "restored" && keyOf(each.remedy) === keyOf(remedy),
  );
