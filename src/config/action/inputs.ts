/** The step's inputs: names, defaults, descriptions and meaning in one place; action.yml and docs/action.md are made from it. */
import { z } from "zod";
import { SquallError } from "../../core/errors.ts";
import { FAIL_ON, type FailOn } from "../../core/gate/conclude.ts";
import { nearestOf, quoted } from "../problems.ts";
import { readDuration } from "../quantities.ts";
import { isMachinePath, leavesDirectory } from "../relative-path.ts";
import { SHORTEST_BUDGET_MS } from "../suite-defaults.ts";
import { isBranchName } from "./branch-name.ts";

export type BaselineInput =
  | { readonly store: "branch"; readonly branch: string }
  | { readonly store: "file"; readonly directory: string }
  | { readonly store: "artifact" }
  | { readonly store: "directory"; readonly directory: string };

const LONGEST = 10_000;
/** As `gate.budget` of a suite. */
const LONGEST_BUDGET_MS = 86_400_000;
export const DEFAULT_BRANCH_OF_BASELINES = "squall-baselines";

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
const good = <T>(value: T): Read<T> => ({ ok: true, value });
const bad = (message: string): Read<never> => ({ ok: false, message });

const input = <T>(fallback: string, description: string, read: (text: string) => Read<T>) =>
  z
    .string()
    .default("")
    .transform((text, context): T => {
      const given = text.trim() === "" ? fallback : text.trim();
      const result = given.length > LONGEST ? bad(`longer than ${LONGEST} characters`) : read(given);
      if (result.ok) return result.value;
      context.addIssue({ code: "custom", message: result.message, input: given });
      return z.NEVER;
    })
    .meta({ description, fallback });

/** "" stands for: not given. */
const optional =
  <T>(read: (text: string) => Read<T>) =>
  (text: string): Read<T | undefined> =>
    text === "" ? good(undefined) : read(text);

const oneOf =
  <const W extends string>(words: readonly W[]) =>
  (text: string): Read<W> => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return good(found);
    const near = nearestOf(text, words);
    return bad(`must be one of ${words.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`);
  };

const flag = (text: string): Read<boolean> => {
  const read = oneOf(["true", "false"])(text.toLowerCase());
  return read.ok ? good(read.value === "true") : read;
};

const plain = (text: string): Read<string> =>
  /[\p{Cc}\p{Cf}]/u.test(text)
    ? bad("must not hold line breaks, control or direction characters")
    : good(text);

const inside = (text: string): Read<string> => {
  const read = plain(text);
  if (!read.ok) return read;
  return leavesDirectory(text) || isMachinePath(text)
    ? bad("must be a relative path inside the workspace")
    : read;
};

const list = (text: string): Read<readonly string[]> => {
  const names = text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const wrong = names.map(plain).find((read) => !read.ok);
  return wrong ?? good(names);
};

/** What stands behind the name may be a secret: no message shows it. */
const buildArguments = (text: string): Read<readonly string[]> => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const wrong = lines.findIndex((line) => !/^\s*[A-Za-z_]\w*=[^\p{Cc}]*$/u.test(line));
  return wrong < 0
    ? good(lines.map((line) => line.trimStart()))
    : bad(`line ${wrong + 1} is no NAME=value, as docker build takes it`);
};

const whole =
  (least: number, most: number) =>
  (text: string): Read<number> => {
    const number = Number(text);
    return /^\d{1,12}$/.test(text) && number >= least && number <= most
      ? good(number)
      : bad(`must be a whole number from ${least} to ${most}`);
  };

const budget = (text: string): Read<number> => {
  const read = readDuration(text);
  if (!read.ok) return bad(`must be a duration with a unit, such as 120s: ${read.message}`);
  return read.value >= SHORTEST_BUDGET_MS && read.value <= LONGEST_BUDGET_MS
    ? good(read.value)
    : bad(`must be from ${SHORTEST_BUDGET_MS / 1000}s to ${LONGEST_BUDGET_MS / 3_600_000}h`);
};

const STORES = ["branch", "file", "artifact", "directory"] as const;

const store = (text: string): Read<BaselineInput> => {
  const [, name = "", place = ""] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  const read = oneOf(STORES)(name);
  if (!read.ok) return read;
  switch (read.value) {
    case "branch": {
      const branch = place === "" ? DEFAULT_BRANCH_OF_BASELINES : place;
      return isBranchName(branch)
        ? good({ store: "branch", branch })
        : bad("is not a branch name that git takes");
    }
    case "artifact":
      return place === "" ? good({ store: "artifact" }) : bad("artifact takes nothing after it");
    case "file": {
      const directory = inside(place);
      if (place === "") return bad("file needs a directory, such as file:chaos/baselines");
      return directory.ok ? good({ store: "file", directory: place }) : directory;
    }
    case "directory": {
      const directory = plain(place);
      if (place === "") return bad("directory needs a path, such as directory:/var/squall");
      return directory.ok ? good({ store: "directory", directory: place }) : directory;
    }
  }
};

const failOn = (text: string): Read<ReadonlySet<FailOn>> => {
  if (text === "never") return good(new Set());
  const words = text.split(/[,\s]+/).filter((word) => word !== "");
  if (words.length === 0) return bad(`must name one of ${FAIL_ON.join(", ")}, or never`);
  const read = words.map(oneOf(FAIL_ON));
  const wrong = read.find((each) => !each.ok);
  if (wrong !== undefined) return bad(`${wrong.message}; or never`);
  return good(new Set(read.flatMap((each) => (each.ok ? [each.value] : []))));
};

/** A branch, tag or commit: what git takes as a name, or hexadecimal. */
const reference = (text: string): Read<string> =>
  isBranchName(text) ? good(text) : bad("is not a branch, tag or commit");

/** GitHub's limits: an artifact's name, a status's context, a check's name. */
const reportName = (text: string): Read<string> =>
  /^[\w. -]{1,80}$/.test(text)
    ? good(text)
    : bad("must be at most 80 letters, digits, blanks, dots, hyphens or underscores");

export const ACTION_INPUTS = z.strictObject({
  suite: input("squall.yml", "The suite file, relative to the workspace.", inside),
  mode: input(
    "gate",
    "`gate`, `baseline`, `report` or `validate`.",
    oneOf(["gate", "baseline", "report", "validate"]),
  ),
  token: input(
    "${{ github.token }}",
    "Token for GitHub's API; its permissions are in docs/action.md.",
    plain,
  ),
  baseline: input(
    "branch",
    "Where baselines are kept: `branch` or `branch:<name>` (a data branch of this repository), `file:<directory>` (committed), `artifact` (of the default branch's last good run), `directory:<path>` (of this machine).",
    store,
  ),
  experiments: input("", "Experiments to measure, by comma or line. Empty: all.", list),
  seed: input(
    "",
    "Seed of every random draw. Empty: from the suite, the same for base and head.",
    optional(whole(0, 0xffffffff)),
  ),
  budget: input(
    "",
    "Time a run may take, such as `120s`. Empty: the suite's `gate.budget`.",
    optional(budget),
  ),
  comment: input(
    "auto",
    "Comment on the pull request: `auto` (created when there is something to say, then kept up to date), `always` or `never`.",
    oneOf(["auto", "always", "never"]),
  ),
  "on-inconclusive": input(
    "",
    "What an inconclusive verdict does: `pass`, `warn` or `fail`. Empty: the suite's `gate.onInconclusive`.",
    optional(oneOf(["pass", "warn", "fail"])),
  ),
  "fail-on": input(
    "",
    "Verdicts that fail the step, by comma: `regressed`, `inconclusive`, `invalid`, `no-baseline`, `weakened`; or `never`. Empty: `regressed`, `invalid`, and the rest by the suite's `gate`.",
    optional(failOn),
  ),
  summary: input("true", "Write the job summary: `true` or `false`.", flag),
  check: input(
    "auto",
    "What is set on the commit beside the job's own conclusion: `status`, `check-run` or `none`. `auto`: a commit status from `workflow_run`, else none.",
    oneOf(["auto", "status", "check-run", "none"]),
  ),
  "report-name": input("squall", "Name of the check, the commit status and the artifact.", reportName),
  upload: input("true", "Upload the run's files as an artifact: `true` or `false`.", flag),
  "retention-days": input(
    "",
    "Days that the artifact is kept. Empty: the repository's default.",
    optional(whole(1, 400)),
  ),
  "sidecar-image": input(
    "",
    "Base image of the sidecar's container. Empty: made from the step's own Node.",
    optional(plain),
  ),
  runtime: input(
    "",
    "`auto`, `process` or `docker`. Empty: the suite's.",
    optional(oneOf(["auto", "process", "docker"])),
  ),
  "build-args": input(
    "",
    "Arguments of image builds, one `NAME=value` a line, over the suite's.",
    buildArguments,
  ),
  reference: input(
    "",
    "Branch, tag or commit to compare with in `workflow_dispatch`. Empty: the default branch.",
    optional(reference),
  ),
  "accept-label": input(
    "squall-accept",
    "Label by which someone with write access accepts what was reported.",
    plain,
  ),
});

export type InputName = keyof typeof ACTION_INPUTS.shape;
export const INPUT_NAMES = Object.keys(ACTION_INPUTS.shape) as readonly InputName[];

/** What is written in action.yml and the documentation for an input. */
export const inputText = (name: InputName): { readonly description: string; readonly fallback: string } => {
  const { description = "", fallback } = ACTION_INPUTS.shape[name].meta() ?? {};
  return { description, fallback: String(fallback ?? "") };
};

export interface ActionInputs {
  readonly suite: string;
  readonly mode: "gate" | "baseline" | "report" | "validate";
  readonly token: string;
  readonly baseline: BaselineInput;
  readonly experiments: readonly string[];
  readonly seed: number | undefined;
  readonly budgetMs: number | undefined;
  readonly comment: "auto" | "always" | "never";
  readonly onInconclusive: "pass" | "warn" | "fail" | undefined;
  readonly failOn: ReadonlySet<FailOn> | undefined;
  readonly summary: boolean;
  readonly check: "auto" | "status" | "check-run" | "none";
  readonly reportName: string;
  readonly upload: boolean;
  readonly retentionDays: number | undefined;
  readonly sidecarImage: string | undefined;
  readonly runtime: "auto" | "process" | "docker" | undefined;
  readonly buildArgs: readonly string[];
  readonly reference: string | undefined;
  readonly acceptLabel: string;
}

/**
 * @param raw input's name to its text, "" where it is not given
 * @throws SquallError `argument-invalid` with every problem at once
 */
export const parseActionInputs = (raw: Readonly<Record<string, string>>): ActionInputs => {
  const parsed = ACTION_INPUTS.safeParse(raw);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const detail = issues.map(({ path, message }) => {
      const name = String(path[0] ?? "inputs");
      // The token is an input too: its text is never shown.
      const found = name === "token" ? "" : ` ${quoted(raw[name] ?? "")}`;
      return `${name}${found}: ${message}`;
    });
    throw new SquallError(
      "argument-invalid",
      `${issues.length} of the step's inputs ${issues.length === 1 ? "is" : "are"} wrong.`,
      { place: "with:", detail, remedy: "docs/action.md lists every input with what it takes." },
    );
  }
  const { budget: budgetMs, ...given } = parsed.data;
  return {
    suite: given.suite,
    mode: given.mode,
    token: given.token,
    baseline: given.baseline,
    experiments: given.experiments,
    seed: given.seed,
    budgetMs,
    comment: given.comment,
    onInconclusive: given["on-inconclusive"],
    failOn: given["fail-on"],
    summary: given.summary,
    check: given.check,
    reportName: given["report-name"],
    upload: given.upload,
    retentionDays: given["retention-days"],
    sidecarImage: given["sidecar-image"],
    runtime: given.runtime,
    buildArgs: given["build-args"],
    reference: given.reference,
    acceptLabel: given["accept-label"],
  };
};
