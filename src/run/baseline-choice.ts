/**
 * Which of the stored runs a change is compared with:
 *
 *   all runs --same suite, else same frame, else any--> of these the ancestors of the merge base --nearest--> at most `pooledRuns`
 */
import type { BaselineChoice } from "../core/gate/gate-record.ts";
import type { Policy } from "../core/suite.ts";
import { type DatedRun, datedRuns, staleness } from "./baseline-age.ts";
import type { ChooseRuns, StoredRun } from "./baseline-store.ts";
import type { Ancestry } from "./forge.ts";

export interface ChoiceInput {
  /** Commit to whose ancestors the choice is limited; null: not known, then the newest runs are taken. */
  readonly mergeBase: string | null;
  readonly ancestry: Ancestry;
  /** Of the run to come: `measuredHash` and `measuredFrameHash`. */
  readonly suiteHash: string;
  readonly frameHash: string;
  readonly policy: Pick<Policy, "pooledRuns" | "maxBaselineAgeMs" | "maxBaselineCommits">;
  readonly now: Date;
}

export interface BaselineChooser {
  /** For `BaselineStore.read`. Throws what `ancestry` throws: "could not look" is never "there is none". */
  readonly choose: ChooseRuns;
  /** What `choose` chose; null before that, and where it chose nothing. */
  choice(): BaselineChoice | null;
  /** In words: runs passed over, and why. */
  notes(): readonly string[];
}

interface PlacedRun extends DatedRun {
  /** Commits from it to the merge base; null: not an ancestor; undefined: that cannot be told. */
  readonly distance: number | null | undefined;
}

interface Chosen {
  /** Newest last. */
  readonly runs: readonly PlacedRun[];
  readonly ancestor: BaselineChoice["ancestor"];
}

/** What git calls commits, whole or cut. A stored file may say anything. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Distances to the merge base, each asked for once. */
const placer = ({ mergeBase, ancestry }: ChoiceInput) => {
  const known = new Map<string, number | null | undefined>();
  return async (commit: string | null): Promise<number | null | undefined> => {
    if (mergeBase === null || commit === null || !COMMIT.test(commit)) return undefined;
    if (commit === mergeBase) return 0;
    if (!known.has(commit)) known.set(commit, await ancestry.distance(commit, mergeBase));
    return known.get(commit);
  };
};

type Place = ReturnType<typeof placer>;

/** Later first; equal where both dates are of no use. */
const laterFirst = (a: number, b: number): number => (a === b ? 0 : b - a);

/** Runs by their commit, the commits that were measured last first: those are as a rule the nearest. */
const byCommit = (runs: readonly DatedRun[]): readonly (readonly DatedRun[])[] => {
  // A commit that was measured again stays where its first run puts it.
  const firstMs = (group: readonly DatedRun[]): number => {
    const first = Math.min(...group.map(({ atMs }) => atMs).filter(Number.isFinite));
    return Number.isFinite(first) ? first : Number.NEGATIVE_INFINITY;
  };
  return [...Map.groupBy(runs, ({ run }) => run.commit).values()].sort((a, b) =>
    laterFirst(firstMs(a), firstMs(b)),
  );
};

/**
 * Asks for one commit after another until enough ancestors are found. Of commits measured in the order in which they were
 * made those are the nearest; where a distance shows another order, all are asked for.
 */
const placedUntil = async (
  runs: readonly DatedRun[],
  wanted: number,
  place: Place,
): Promise<readonly PlacedRun[]> => {
  const placed: PlacedRun[] = [];
  let found = 0;
  let farthest = 0;
  let inOrder = true;
  for (const group of byCommit(runs)) {
    const distance = await place(group[0]?.run.commit ?? null);
    for (const each of group) placed.push({ ...each, distance });
    if (typeof distance !== "number") continue;
    found += group.length;
    inOrder &&= distance >= farthest;
    farthest = Math.max(farthest, distance);
    if (found >= wanted && inOrder) break;
  }
  return placed;
};

const newestLast = (a: PlacedRun, b: PlacedRun): number =>
  (b.distance ?? 0) - (a.distance ?? 0) || -laterFirst(a.atMs, b.atMs);

/** Ancestors of the first kind of runs that has any; else, of the first kind that has any, those that cannot be placed. */
const chosenOf = async (
  kinds: readonly (readonly DatedRun[])[],
  wanted: number,
  place: Place,
  seen: PlacedRun[],
): Promise<Chosen> => {
  const unplaced: PlacedRun[][] = [];
  for (const runs of kinds) {
    const placed = await placedUntil(runs, wanted, place);
    seen.push(...placed);
    const ancestors = placed.filter(({ distance }) => typeof distance === "number");
    if (ancestors.length > 0) return { runs: ancestors.sort(newestLast).slice(-wanted), ancestor: "yes" };
    unplaced.push(placed.filter(({ distance }) => distance === undefined));
  }
  const unknown = unplaced.find((runs) => runs.length > 0) ?? [];
  return { runs: unknown.sort(newestLast).slice(-wanted), ancestor: "unknown" };
};

const passedOver = (
  seen: readonly PlacedRun[],
  chosen: Chosen,
  mergeBase: string | null,
): readonly string[] => {
  const strangers = seen.filter(({ distance }) => distance === null).length;
  const unplaced = seen.filter((run) => run.distance === undefined && !chosen.runs.includes(run)).length;
  const base = mergeBase === null ? "the base" : `the base ${mergeBase.slice(0, 7)}`;
  return [
    ...(strangers > 0
      ? [`${plural(strangers, "stored run")} passed over: measured at commits that ${base} does not contain.`]
      : []),
    ...(unplaced > 0 && chosen.ancestor === "yes"
      ? [`${plural(unplaced, "stored run")} passed over: where their commits stand is not known.`]
      : []),
    ...(chosen.ancestor === "unknown" && chosen.runs.length > 0 && mergeBase !== null
      ? [
          `Whether the baseline's commits are part of ${base} is not known: the clone is shallow (fetch all of it: \`fetch-depth: 0\`), or they were stored outside of git.`,
        ]
      : []),
  ];
};

/** Chooses once `choose` is called by a store, and says afterwards what and why. */
export const baselineChooser = (input: ChoiceInput): BaselineChooser => {
  const { policy, now, suiteHash, frameHash } = input;
  let choice: BaselineChoice | null = null;
  let notes: readonly string[] = [];
  const kindOf = (run: StoredRun): number => {
    if (run.suiteHash === suiteHash) return 0;
    return frameHash !== "" && run.frameHash === frameHash ? 1 : 2;
  };
  const choose: ChooseRuns = async (stored) => {
    const dated = datedRuns(stored, now);
    const kinds = [0, 1, 2].map((kind) => dated.filter(({ run }) => kindOf(run) === kind));
    const wanted = Math.max(1, Math.trunc(policy.pooledRuns));
    const seen: PlacedRun[] = [];
    const chosen = await chosenOf(kinds, wanted, placer(input), seen);
    const newest = chosen.runs.at(-1);
    const distance = newest?.distance ?? null;
    choice =
      newest === undefined
        ? null
        : {
            runs: chosen.runs.length,
            commit: newest.run.commit,
            distance,
            ...staleness(newest.run.startedAt, distance, policy, now),
            ancestor: chosen.ancestor,
          };
    notes = passedOver(seen, chosen, input.mergeBase);
    return chosen.runs.map(({ run }) => run);
  };
  return { choose, choice: () => choice, notes: () => notes };
};
