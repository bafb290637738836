import { type PathPart, quoted } from "../problems.ts";
import { at, type Report, type SuiteCheck } from "./check.ts";

const outside = (value: string): boolean => {
  let depth = 0;
  for (const part of value.split(/[\\/]+/)) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return true;
  }
  return false;
};

const stays = (
  path: readonly PathPart[],
  value: string | undefined,
  mayLeave: boolean,
  report: Report,
): void => {
  if (value === undefined) return;
  const words = {
    code: "unsafe" as const,
    found: quoted(value),
    allowed: "a path relative to the suite file",
  };
  if (/^([\\/~]|[A-Za-z]:)/.test(value) || value.includes("\0")) {
    report.problem(at(path, { ...words, message: "An absolute path exists on one machine only" }));
  } else if (outside(value)) {
    const raw = at(path, {
      ...words,
      message: "This path leaves the suite's directory",
      allowed: "a path inside the suite's directory",
    });
    if (mayLeave) report.warning(raw);
    else report.problem(raw);
  }
};

/**
 * Paths start at the suite file. Files squall itself reads stay beside or under it; a working directory or a build
 * context may lie elsewhere in the repository, which is only said.
 */
export const pathsStayInside: SuiteCheck = ({ service, dependencies, workload }, report) => {
  stays(["workload", "requests"], workload?.requests, false, report);
  stays(["service", "cwd"], service?.cwd, true, report);
  stays(["service", "build"], service?.build, true, report);
  for (const [name, dependency] of dependencies) {
    stays(["dependencies", name, "cassette"], dependency?.cassette, false, report);
    stays(["dependencies", name, "cwd"], dependency?.cwd, true, report);
  }
};

const SECRET_NAME = /(^|[_-])(api[_-]?key|key|token|secret|passw(or)?d|pwd|credentials?|auth(orization)?)$/i;
/** Forms of well-known keys: OpenAI and Anthropic, GitHub, AWS, Slack, Google, private keys. */
const SECRET_VALUE =
  /^(Bearer\s+)?(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[A-Z0-9]{12,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|hf_\w{20,})|-----BEGIN [A-Z ]*PRIVATE KEY/;
const HARMLESS =
  /^$|^(test|dummy|fake|none|stub|unused|example|placeholder|changeme|x+|squall)([-_].*)?$|\{\{/i;

const suspicious = (name: string, value: string): boolean =>
  SECRET_VALUE.test(value) || (SECRET_NAME.test(name) && !HARMLESS.test(value) && value.length >= 8);

/** Literal secrets in the suite file are in the repository. Named, never shown. */
export const noLiteralSecrets: SuiteCheck = ({ service, dependencies, workload }, { warning }) => {
  const look = (path: readonly PathPart[], values: Readonly<Record<string, string>> | undefined): void => {
    for (const [name, value] of Object.entries(values ?? {})) {
      if (!suspicious(name, value)) continue;
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
