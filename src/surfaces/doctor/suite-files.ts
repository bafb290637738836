/** Can the files be read that the suite names? Nothing of them is told but their names. */
import { access, constants, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { loadRequestSet } from "../../config/request-set/load.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { Question } from "../../run/doctor/check.ts";
import type { RuntimeName } from "../../run/doctor/readiness.ts";
import type { FoundSuite } from "./suite.ts";
import { containersOf } from "./suite-processes.ts";

interface Wanted {
  readonly file: string;
  readonly kind: "file" | "directory" | "either";
}

const ofContainers = (suite: Suite): Wanted[] =>
  containersOf(suite).flatMap(({ spec: { source, files } }): Wanted[] => [
    ...files.map((each): Wanted => ({ file: each.source, kind: "either" })),
    ...(source.type === "compose" ? [{ file: source.file, kind: "file" as const }] : []),
    ...(source.type === "build"
      ? [
          { file: source.context, kind: "directory" as const },
          { file: path.join(source.context, source.dockerfile), kind: "file" as const },
        ]
      : []),
  ]);

const ofProcesses = ({ service, dependencies }: Suite): Wanted[] =>
  [
    ...(service.process === undefined ? [] : [service.process]),
    ...dependencies.flatMap(({ source }) => (source.type === "command" ? [source.process] : [])),
  ].map(({ cwd }) => ({ file: cwd, kind: "directory" }));

const wantedOf = (suite: Suite, runtime: RuntimeName): Wanted[] => [
  ...(suite.job === undefined ? [{ file: suite.workload.requestsPath, kind: "file" as const }] : []),
  ...suite.dependencies.flatMap(({ source }): Wanted[] =>
    source.type === "cassette" ? [{ file: source.path, kind: "file" }] : [],
  ),
  ...(runtime === "docker" ? ofContainers(suite) : ofProcesses(suite)),
];

const problemWith = async (directory: string, { file, kind }: Wanted): Promise<string | null> => {
  const whole = path.resolve(directory, file);
  try {
    const entry = await stat(whole);
    if (kind === "file" && !entry.isFile()) return `${file} is no file`;
    if (kind === "directory" && !entry.isDirectory()) return `${file} is no directory`;
    await access(whole, constants.R_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `${file} does not exist` : `${file} cannot be read (${code ?? String(error)})`;
  }
};

/** Larger ones are left to the run. */
const MOST_BYTES = 16 * 2 ** 20;

const requestsOf = async ({ suite, directory }: FoundSuite): Promise<string[]> => {
  if (suite.job !== undefined) return [];
  const file = path.join(directory, suite.workload.requestsPath);
  try {
    if ((await stat(file)).size <= MOST_BYTES)
      loadRequestSet(await readFile(file, "utf8"), { file: suite.workload.requestsPath });
    return [];
  } catch (error) {
    if (error instanceof SquallError) return [`${error.message} (\`squall validate\` says more)`];
    throw error;
  }
};

export const suiteFiles = (found: FoundSuite, runtime: RuntimeName): Question => ({
  name: "suite files",
  neededFor: "requests, recordings and sources of the suite",
  otherwise: { state: "missing", remedy: "Paths are relative to the suite file." },
  look: async () => {
    const wanted = wantedOf(found.suite, runtime);
    const unreadable = (await Promise.all(wanted.map((one) => problemWith(found.directory, one)))).filter(
      (problem) => problem !== null,
    );
    // What is not there need not be read.
    const problems = unreadable.length > 0 ? unreadable : await requestsOf(found);
    return problems.length === 0
      ? { state: "ok", found: [...new Set(wanted.map(({ file }) => file))].join(", ") || "none" }
      : { state: "missing", found: problems.join("; "), remedy: "Paths are relative to the suite file." };
  },
});
