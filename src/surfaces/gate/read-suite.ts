import { readFile } from "node:fs/promises";
import path from "node:path";
import { formatProblems } from "../../config/problems.ts";
import { loadRequestSet, NO_REQUESTS } from "../../config/request-set/load.ts";
import { parseSuite } from "../../config/suite.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";

export interface ReadSuite {
  readonly suite: Suite;
  readonly requestSet: RequestSet;
  /** Absolute; relative paths of the suite start here. */
  readonly directory: string;
}

/** A file's text, or a SquallError that says what is missing. */
export const readText = async (file: string, what: string, remedy: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new SquallError("suite-not-found", `${what} cannot be read: ${(cause as Error).message}.`, {
      place: file,
      remedy,
      cause,
    });
  }
};

/** Reads the suite and its request set, or stops with every problem of the suite file. Warnings go to standard error. */
export const readSuite = async (
  file: string,
  options: { readonly mayLackExperiments?: boolean } = {},
): Promise<ReadSuite> => {
  const text = await readText(
    file,
    "The suite file",
    "Run `squall init` to write one, or name it with --file.",
  );
  const parsed = parseSuite(text, { ...options, file });
  if (!parsed.ok) {
    const count = parsed.problems.length;
    throw new SquallError("suite-invalid", `${file} has ${count} problem${count === 1 ? "" : "s"}.`, {
      detail: formatProblems(parsed.problems, text).split("\n"),
      remedy: "docs/suite.md lists every key with its meaning.",
    });
  }
  if (parsed.warnings.length > 0) process.stderr.write(`${formatProblems(parsed.warnings, text)}\n`);
  const directory = path.dirname(path.resolve(file));
  // A training job is sent none.
  if (parsed.suite.job !== undefined) return { suite: parsed.suite, requestSet: NO_REQUESTS, directory };
  const requestsFile = path.join(directory, parsed.suite.workload.requestsPath);
  const requestsText = await readText(
    requestsFile,
    "The request set",
    "workload.requests names it, relative to the suite file.",
  );
  return { suite: parsed.suite, requestSet: loadRequestSet(requestsText, { file: requestsFile }), directory };
};

/** Names of experiments and frontiers, in that order: what `--experiment` may name. */
export const experimentNames = ({ experiments, frontiers }: Suite): readonly string[] =>
  [...experiments, ...frontiers].map(({ name }) => name);

/** The named experiments; undefined where none is named: all. @throws SquallError `argument-invalid` */
export const askedExperiments = (
  suite: Suite,
  names: readonly string[] | undefined,
): readonly string[] | undefined => {
  if (names === undefined || names.length === 0) return undefined;
  const known = experimentNames(suite);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new SquallError("argument-invalid", `No experiment is named ${unknown.join(", ")}.`, {
      remedy: `Known experiments: ${known.join(", ")}.`,
    });
  }
  return names;
};

/** Experiments that are left out, where only some are asked for. */
export const notAsked = (suite: Suite, only: readonly string[] | undefined): readonly string[] =>
  only === undefined ? [] : experimentNames(suite).filter((name) => !only.includes(name));

/** A seed given on the command line. */
export const parseSeed = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return seed;
  throw new SquallError("argument-invalid", `--seed ${text} is not a whole number from 0 to 4294967295.`, {
    remedy: "Take the seed from a report, or leave it out.",
  });
};
