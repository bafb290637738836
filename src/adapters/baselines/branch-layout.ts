/**
 * What lies where on the data branch:
 *
 *   README.md                            for a person who comes across it
 *   <suite>/index.json                   which runs there are, in the order in which they were added
 *   <suite>/<id>.squall-run.gz           the samples of one run
 */
import { createHash } from "node:crypto";
import type { BaselineIndex } from "../../config/stored/baseline-index.ts";
import type { Profile } from "../../core/profile.ts";
import type { TreeEntry } from "../../run/forge.ts";
import { suiteFileName } from "./packed-baseline.ts";

const RUN_ENDING = ".squall-run.gz";

export const README_FILE = "README.md";

export const README = Buffer.from(
  `# Baselines of squall

What squall measured on the default branch; pull requests are compared with it. Written by the workflow that runs squall in mode
\`baseline\`, one file a run, and read by the gate; nothing here is merged anywhere. Old runs are removed by themselves. To begin
anew for one suite delete its folder, or delete the branch; the next run on the default branch makes it again.
`,
  "utf8",
);

export const indexFile = (suite: string): string => `${suiteFileName(suite)}/index.json`;

export const runFile = (suite: string, id: string): string => `${suiteFileName(suite)}/${id}${RUN_ENDING}`;

/** "2026-11-25T04:46:52.000Z" without what some systems forbid in file names. */
const compactTime = (startedAt: string): string => {
  const date = new Date(startedAt);
  return Number.isNaN(date.getTime()) ? "undated" : date.toISOString().replace(/[^0-9TZ]/g, "");
};

/**
 * The same run has the same id, whoever adds it: begin, commit, content.
 *
 * @param content as `encodeProfile` gives it: equal profiles, equal bytes
 */
export const runId = ({ provenance }: Profile, content: Buffer): string => {
  const commit = /^[0-9a-f]{7,64}$/.exec(provenance.commit ?? "")?.[0].slice(0, 12) ?? "uncommitted";
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return `${compactTime(provenance.startedAt)}-${commit}-${hash}`;
};

/**
 * A branch that somebody uses for something else, named by mistake: files, and none of them a run. What a person or a forge
 * puts beside the data does not count.
 */
export const isForeign = (files: readonly TreeEntry[]): boolean =>
  !files.some(({ path }) => path.endsWith(RUN_ENDING)) &&
  files.some(({ path }) => !/^(\.|README|LICENSE|[^/]+\/index\.json$)/i.test(path));

/** Runs kept for each one that is pooled: a pull request may have begun before the newest were added. */
const KEPT_FOR_EACH_POOLED = 4;

/** The runs that stay, and those that go. */
export const pruned = (
  runs: BaselineIndex["runs"],
  keep: number,
): { readonly stay: BaselineIndex["runs"]; readonly go: BaselineIndex["runs"] } => {
  const from = Math.max(0, runs.length - KEPT_FOR_EACH_POOLED * keep);
  return { stay: runs.slice(from), go: runs.slice(0, from) };
};

/** What is read where nobody chooses: the newest runs of the newest suite text. */
export const newestOfOneText = ({ runs, keep }: BaselineIndex): BaselineIndex["runs"] => {
  const hash = runs.at(-1)?.suiteHash;
  return runs.filter(({ suiteHash }) => suiteHash === hash).slice(-keep);
};
