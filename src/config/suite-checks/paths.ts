import { looksSecret } from "../literal-secrets.ts";
import { type PathPart, quoted } from "../problems.ts";
import type { ParsedDependency } from "../process-schema.ts";
import { isMachinePath, leavesDirectory } from "../relative-path.ts";
import { at, type Report, type SuiteCheck } from "./check.ts";

/** Where a relative path starts, in words. */
interface Start {
  readonly file: string;
  readonly directory: string;
}
const SUITE: Start = { file: "the suite file", directory: "the suite's directory" };
const CONTEXT: Start = { file: "the build's context", directory: "the build's context" };

const stays = (
  path: readonly PathPart[],
  value: string | undefined,
  leaving: "refused" | "said" | "taken",
  report: Report,
  from: Start = SUITE,
): void => {
  if (value === undefined) return;
  const words = {
    code: "unsafe" as const,
    found: quoted(value),
    allowed: `a path relative to ${from.file}`,
  };
  if (isMachinePath(value)) {
    report.problem(at(path, { ...words, message: "An absolute path exists on one machine only" }));
  } else if (leaving !== "taken" && leavesDirectory(value)) {
    const raw = at(path, {
      ...words,
      message: `This path leaves ${from.directory}`,
      allowed: `a path inside ${from.directory}`,
    });
    if (leaving === "said") report.warning(raw);
    else report.problem(raw);
  }
};

type ContainerPaths = Pick<ParsedDependency, "build" | "compose" | "files">;

/**
 * A Dockerfile lies in its context, a copied file in the suite's directory; a context is often the whole repository, and
 * a compose file stands at its root.
 */
const containerPaths = (
  path: readonly PathPart[],
  keys: ContainerPaths | undefined,
  report: Report,
): void => {
  const { build, compose, files } = keys ?? {};
  if (typeof build === "string") stays([...path, "build"], build, "taken", report);
  else {
    stays([...path, "build", "context"], build?.context, "taken", report);
    stays([...path, "build", "dockerfile"], build?.dockerfile, "refused", report, CONTEXT);
  }
  stays([...path, "compose", "file"], compose?.file, "taken", report);
  for (const [index, { source }] of (files ?? []).entries())
    stays([...path, "files", index, "source"], source, "refused", report);
};

/**
 * Paths start at the suite file. Files squall itself reads stay beside or under it; a working directory may
 * lie elsewhere in the repository, which is only said.
 */
export const pathsStayInside: SuiteCheck = ({ service, dependencies, workload }, report) => {
  stays(["workload", "requests"], workload?.requests, "refused", report);
  stays(["service", "cwd"], service?.cwd, "said", report);
  containerPaths(["service"], service, report);
  for (const [name, dependency] of dependencies) {
    const path = ["dependencies", name];
    stays([...path, "cassette"], dependency?.cassette, "refused", report);
    stays([...path, "cwd"], dependency?.cwd, "said", report);
    containerPaths(path, dependency, report);
  }
};

/** Literal secrets in the suite file are in the repository. Named, never shown. */
export const noLiteralSecrets: SuiteCheck = ({ service, dependencies, workload }, { warning }) => {
  const look = (path: readonly PathPart[], values: Readonly<Record<string, string>> | undefined): void => {
    for (const [name, value] of Object.entries(values ?? {})) {
      if (!looksSecret(name, value)) continue;
      warning(
        at([...path, name], {
          at: "key",
          code: "unsafe",
          found: `a text of ${value.length} characters (not shown)`,
          message: `${name} looks like a secret written into the repository`,
          allowed: "a dummy value: stubs and cassettes take any key",
          remedy: 'Write a dummy such as "test-key", and revoke the key if it was real.',
          hideSource: true,
        }),
      );
    }
  };
  look(["service", "env"], service?.env);
  for (const [name, dependency] of dependencies) look(["dependencies", name, "env"], dependency?.env);
  look(["workload", "headers"], workload?.headers);
};
