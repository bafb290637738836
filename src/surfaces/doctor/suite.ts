/** The suite file, where there is one: read as `squall validate` does, with its problems counted and the first one told. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseSuite } from "../../config/suite.ts";
import { LARGEST_SUITE_BYTES } from "../../config/suite-defaults.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { Answer, Question } from "../../run/doctor/check.ts";
import type { RuntimeName } from "../../run/doctor/readiness.ts";
import { runtimesOf } from "../gate/choose-runtime.ts";

export interface FoundSuite {
  readonly suite: Suite;
  /** Absolute. */
  readonly directory: string;
  /** Those that may measure it, the preferred one first. */
  readonly runtimes: readonly RuntimeName[];
}

export interface SuiteCheck {
  readonly question: Question;
  /** Null before, and where it cannot be used. */
  readonly found: () => FoundSuite | null;
}

export const DEFAULT_FILE = "squall.yml";

/** @throws SquallError `argument-invalid` where a file is named that does not exist */
export const requireNamed = async (file: string | undefined): Promise<void> => {
  if (file === undefined) return;
  try {
    await stat(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return;
    throw new SquallError("argument-invalid", `There is no file ${file}.`, {
      place: "--file",
      remedy: "Name the suite file, or leave --file out.",
      cause,
    });
  }
};

const missing = (found: string, remedy: string): Answer => ({ state: "missing", found, remedy });

const textOf = async (file: string): Promise<string | Answer> => {
  const { size, ...entry } = await stat(file).then((stats) => ({
    size: stats.size,
    isFile: stats.isFile(),
  }));
  // A pipe or a device would be read for ever.
  if (!entry.isFile) return missing(`${path.basename(file)} is no file`, "Name the suite file with --file.");
  if (size > LARGEST_SUITE_BYTES)
    return missing(`${path.basename(file)} has ${size} bytes`, "Name the suite file with --file.");
  return readFile(file, "utf8");
};

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** @param file relative to `cwd`; undefined: squall.yml, where there is one */
export const suiteCheck = (file: string | undefined, cwd: string): SuiteCheck => {
  let found: FoundSuite | null = null;
  const name = path.resolve(cwd, file ?? DEFAULT_FILE);
  const look = async (): Promise<Answer> => {
    let text: string | Answer;
    try {
      text = await textOf(name);
    } catch (error) {
      if (file === undefined && isAbsent(error))
        return {
          state: "warn",
          found: `no ${DEFAULT_FILE} here`,
          remedy: "`squall init` writes a first one.",
        };
      return missing(
        `${path.basename(name)} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
        "Let this user read it.",
      );
    }
    if (typeof text !== "string") return text;
    const parsed = parseSuite(text, { file: name });
    if (!parsed.ok) {
      const [first] = parsed.problems;
      const count = parsed.problems.length;
      return missing(
        `${path.basename(name)} has ${count} ${count === 1 ? "problem" : "problems"}, the first: ${first?.message ?? ""}`,
        `\`squall validate ${path.basename(name)}\` tells them all, with their places.`,
      );
    }
    const { suite } = parsed;
    let runtimes: readonly RuntimeName[];
    try {
      runtimes = runtimesOf(suite);
    } catch (error) {
      if (!(error instanceof SquallError)) throw error;
      return missing(error.message, error.remedy ?? "Choose another runtime.");
    }
    found = { suite, directory: path.dirname(name), runtimes };
    const experiments = suite.experiments.length + suite.frontiers.length;
    return {
      state: "ok",
      found: `${suite.name}, ${experiments} ${experiments === 1 ? "experiment" : "experiments"}, runtime ${suite.runtime}`,
    };
  };
  return {
    found: () => found,
    question: {
      name: "suite",
      neededFor: "what is measured",
      otherwise: { state: "missing", remedy: "`squall validate` says more." },
      look,
    },
  };
};
