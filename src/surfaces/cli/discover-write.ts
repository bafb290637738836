/** Puts proposals into a suite file, new or old, without losing what stands there. */
import { readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { withExperiments } from "../../config/discover/experiments-text.ts";
import { chooseProposals, faultsOf, type Proposal } from "../../config/discover/propose.ts";
import { formatProblems } from "../../config/problems.ts";
import { parseSuite } from "../../config/suite.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";

/** The file's text; null where there is none. */
const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new SquallError("write-failed", `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
};

const suiteOf = (text: string, file: string): Suite => {
  const parsed = parseSuite(text, { file, mayLackExperiments: true });
  if (parsed.ok) return parsed.suite;
  throw new SquallError("suite-invalid", `${file} is no valid suite: nothing was written.`, {
    detail: formatProblems(parsed.problems, text).split("\n"),
    remedy: "Name the suite file, or a file that does not exist yet.",
  });
};

/**
 * Told before anything is started: a suite's paths count from its directory, so that a copy elsewhere would not find them.
 *
 * @throws SquallError `argument-invalid`, `suite-invalid`
 */
export const checkTarget = async (file: string, suiteFile: string): Promise<void> => {
  const text = await textOf(file);
  if (text !== null) {
    suiteOf(text, file);
    return;
  }
  if (path.dirname(path.resolve(file)) === path.dirname(path.resolve(suiteFile))) return;
  throw new SquallError(
    "argument-invalid",
    `${file} would be a suite in another directory than ${suiteFile}.`,
    {
      remedy: `Paths of a suite count from its own directory: name a file in ${path.dirname(suiteFile)}, or one that exists.`,
    },
  );
};

/** Whole or not at all; a link stays a link. */
const replace = async (file: string, text: string): Promise<void> => {
  try {
    const real = await realpath(file).catch(() => file);
    const mode = await stat(real).then(
      (found) => found.mode,
      () => undefined,
    );
    await writeFile(`${real}.part`, text, mode === undefined ? {} : { mode });
    await rename(`${real}.part`, real);
  } catch (cause) {
    throw new SquallError("write-failed", `${file} could not be written: ${(cause as Error).message}.`, {
      cause,
    });
  }
};

export interface Written {
  readonly added: readonly string[];
  /** The file did not exist before. */
  readonly isNew: boolean;
}

/**
 * Read anew: the file may have been edited while the service was watched, and it need not be the suite that was.
 *
 * @throws SquallError `suite-invalid`, `write-failed`
 */
export const writeProposals = async (
  file: string,
  suiteFile: string,
  proposals: readonly Proposal[],
): Promise<Written> => {
  const present = await textOf(file);
  const before = present ?? (await readFile(suiteFile, "utf8"));
  const { proposals: fresh } = chooseProposals(proposals, {
    suite: suiteOf(before, file),
    most: proposals.length,
    whyNot: () => null,
  });
  if (fresh.length === 0) return { added: [], isNew: false };
  const after = withExperiments(before, fresh);
  if (after === null)
    throw new SquallError(
      "write-failed",
      `The experiments could not be put into ${file}: it was left as it is.`,
      {
        remedy: "Paste what was printed under experiments: by hand.",
      },
    );
  const names = new Set(fresh.map(({ name }) => name));
  const suite = suiteOf(after, file);
  const there = suite.experiments.filter(({ name }) => names.has(name));
  if (there.length !== fresh.length || fresh.some((each) => faultsOf(each, suite.dependencies).length === 0))
    throw new SquallError("write-failed", `${file} was left as it is: the experiments did not read back.`);
  await replace(file, after);
  return { added: fresh.map(({ name }) => name), isNew: present === null };
};
