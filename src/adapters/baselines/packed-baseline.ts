/** A suite's pooled runs in one packed file: `<suite>.squall-baseline.gz`, wherever it is kept. */
import { createHash } from "node:crypto";
import { decodeBaseline } from "../../config/baseline-file.ts";
import { SquallError } from "../../core/errors.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { ChooseRuns, StoredRun } from "../../run/baseline-store.ts";

/** Looks like a name that was made of a readable part and a hash. */
const HASHED = /\.[0-9a-f]{12}$/;

/**
 * A suite's name as a file or folder name on any system: safe characters only, no case that another system would fold, and a
 * short hash wherever the name itself could not be used, so that two suites never share a file.
 */
export const suiteFileName = (suite: string): string => {
  if (/^[a-z0-9_][a-z0-9._-]{0,79}$/.test(suite) && !HASHED.test(suite)) return suite;
  const hash = createHash("sha256").update(suite).digest("hex").slice(0, 12);
  const readable = suite.toLowerCase().replace(/[^a-z0-9_]+/g, "-");
  return `${readable.replace(/^-+|-+$/g, "").slice(0, 60) || "suite"}.${hash}`;
};

export const baselineFileName = (suite: string): string => `${suiteFileName(suite)}.squall-baseline.gz`;

/**
 * @param file for messages
 * @throws SquallError `baseline-invalid` where it is broken, or another suite's
 */
export const unpackBaseline = (content: Buffer, file: string, suite: string): Baseline => {
  const stored = decodeBaseline(content, { file });
  if (stored.suite === suite) return stored;
  throw new SquallError(
    "baseline-invalid",
    `${file} is the baseline of suite ${stored.suite}, not of ${suite}`,
    { place: file, remedy: "Delete it and measure the default branch again with `squall baseline`." },
  );
};

/** A run as a baseline keeps it: nobody looks at single requests of a run that others are compared with. */
export const withoutExhibits = (profile: Profile): Profile => {
  const { exhibits: _, ...rest } = profile;
  return rest;
};

/**
 * Only runs of the same suite text are pooled: after a change of the suite the older runs compare in part or not at all, and
 * are let go with the first new one.
 */
export const pooled = (stored: Baseline | null, profile: Profile, keep: number): Baseline => {
  const compatible = (stored?.profiles ?? []).filter((old) => old.suiteHash === profile.suiteHash);
  return {
    schemaVersion: 1,
    suite: profile.suite,
    profiles: [...compatible, withoutExhibits(profile)].slice(-Math.max(1, Math.trunc(keep))),
  };
};

/** What an index says of a run. */
export const storedRun = (id: string, { suiteHash, frameHash, provenance }: Profile): StoredRun => ({
  id,
  suiteHash,
  frameHash,
  commit: provenance.commit ?? null,
  startedAt: provenance.startedAt,
});

/** Of all that was stored what `choose` takes, in its order; absent: all of it. */
export const chosenOf = async (
  stored: Baseline | null,
  choose: ChooseRuns | undefined,
): Promise<Baseline | null> => {
  if (stored === null || choose === undefined) return stored;
  const byId = new Map(stored.profiles.map((profile, index) => [String(index + 1), profile]));
  const chosen = await choose([...byId].map(([id, profile]) => storedRun(id, profile)));
  const profiles = chosen.flatMap(({ id }) => byId.get(id) ?? []);
  return profiles.length === 0 ? null : { ...stored, profiles };
};

/** A run of one suite must not become another's baseline. */
export const checkSuite = (suite: string, profile: Profile): void => {
  if (profile.suite === suite) return;
  throw new SquallError("internal", `a run of suite ${profile.suite} was to become a baseline of ${suite}`);
};
