/** Lateness as figures: rows as they are measured, and at the end our generator beside the others. */
import { goal, quantile } from "../relay/figures.ts";

const SHARES = [0.5, 0.9, 0.99] as const;

/** What ours may be of another generator's lateness, at 1,000 requests/s. */
const GOALS: readonly { readonly share: number; readonly atMost: number }[] = [
  { share: 0.5, atMost: 0.1 },
  { share: 0.9, atMost: 0.1 },
  { share: 0.99, atMost: 1 },
];
const GOAL_RATE = 1000;

/** Counted from the line through the earliest arrival, so that every generator is measured alike, ms. */
export const lateFromBest = (arrivals: readonly number[], rate: number): number[] => {
  const offsets = arrivals.toSorted((a, b) => a - b).map((atMs, index) => atMs - (index * 1000) / rate);
  const best = Math.min(...offsets);
  return offsets.map((offset) => offset - best);
};

const figures = (values: readonly number[]): string =>
  SHARES.map((share) => quantile(values, share).toFixed(3).padStart(8)).join(" ");

export const HEAD =
  "lateness at the server, ms        from plan: p50      p90      p99 | from best: p50 p90 p99";

export interface Row {
  readonly generator: string;
  readonly connections: "fresh" | "reuse";
  /** Requests per second. */
  readonly rate: number;
  /** Lateness from the planned instants, ms; null where the generator does not tell them. */
  readonly plan: readonly number[] | null;
  readonly best: readonly number[];
  readonly note?: string;
}

export const printRow = ({ generator, connections, rate, plan, best, note = "" }: Row): void => {
  const fromPlan = plan === null ? "       -        -        -" : figures(plan);
  console.log(
    `${`${generator} ${connections}`.padEnd(14)} ${String(rate).padStart(6)} ${fromPlan} | ${figures(best)}  n=${best.length} ${note}`,
  );
};

/** Our lateness over each other generator's, both from best, with the goals. */
export const printRatios = (rows: readonly Row[]): void => {
  const others = rows.filter(({ generator }) => generator !== "squall");
  if (others.length === 0) console.log("no other generator was measured: the goals are not checked");
  for (const other of others) {
    const own = rows.find(
      ({ generator, connections, rate }) =>
        generator === "squall" && connections === other.connections && rate === other.rate,
    );
    if (own === undefined) continue;
    const parts = GOALS.map(({ share, atMost }) => {
      const ratio = quantile(own.best, share) / quantile(other.best, share);
      const word = other.rate === GOAL_RATE ? ` (${goal(ratio, "at most", atMost)})` : "";
      return `p${share * 100} ${ratio.toFixed(2)}${word}`;
    });
    console.log(`squall / ${other.generator}, ${other.connections}, ${other.rate}/s: ${parts.join(", ")}`);
  }
};
