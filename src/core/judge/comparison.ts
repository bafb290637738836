import type { Comparison, Metric, MetricUnit, Refusal } from "../verdict.ts";

/** What a comparison is about. */
export interface Subject {
  readonly scenario: string;
  readonly metric: Metric;
  readonly unit: MetricUnit;
  readonly primary: boolean;
  readonly method: "twin" | "stored";
  readonly edge?: string;
}

/** A comparison that can not be tested: reported with its reason, never silently dropped. */
export const refused = (
  subject: Subject,
  reason: Refusal,
  known: Partial<Pick<Comparison, "base" | "head" | "change" | "n" | "details">> = {},
): Comparison => ({
  ...subject,
  label: reason === "advisory" ? "advisory" : "refused",
  refused: reason,
  base: known.base ?? null,
  head: known.head ?? null,
  change: known.change ?? null,
  interval: null,
  margin: null,
  smallestVisible: null,
  p: null,
  n: known.n ?? 0,
  details: known.details ?? {},
});

export interface Assessment {
  readonly base: number;
  readonly head: number;
  readonly change: number;
  readonly interval: readonly [number, number];
  readonly margin: number;
  readonly p: number;
  /** A change that matters is excluded. */
  readonly bounded: boolean;
  readonly n: number;
  /**
   * `S` (standard error of the change) and `df` let the label step fill in the smallest visible change; without them it
   * stays null.
   */
  readonly details: Readonly<Record<string, number>>;
}

/** A tested comparison, labelled only by its bound: the label step knows all p values and says regressed or improved. */
export const assessed = (subject: Subject, assessment: Assessment): Comparison => {
  const { bounded, ...figures } = assessment;
  return { ...subject, ...figures, label: bounded ? "ok" : "unbounded", smallestVisible: null };
};

/** p of a failure candidate: censored in the head only (METHOD 3). */
export const FAILURE_CANDIDATE_P = 1e-6;

/** Can it enter Holm's procedure? */
export const isEvaluable = (comparison: Comparison): boolean =>
  comparison.refused === undefined && comparison.p !== null;
