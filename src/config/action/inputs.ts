/** The step's inputs: names, defaults, descriptions and meaning in one place; action.yml and docs/action.md are made from it. */
import { z } from "zod";
import { SquallError } from "../../core/errors.ts";
import type { FailOn } from "../../core/gate/conclude.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { nearestOf, quoted } from "../problems.ts";
import {
  type BaselineInput,
  bad,
  budget,
  buildArguments,
  failOn,
  flag,
  imageName,
  inside,
  label,
  list,
  oneOf,
  optional,
  type Read,
  reference,
  reportName,
  store,
  token,
  whole,
} from "./input-readers.ts";

const LONGEST = 10_000;

/** GitHub works these out before the step: here they never stand for a text that was not given. */
const isExpression = (fallback: string): boolean => fallback.startsWith("${{");

const input = <T>(fallback: string, description: string, read: (text: string) => Read<T>) =>
  z
    .string()
    .default("")
    .transform((text, context): T => {
      const given = text.trim() === "" && !isExpression(fallback) ? fallback : text.trim();
      const result = given.length > LONGEST ? bad(`longer than ${LONGEST} characters`) : read(given);
      if (result.ok) return result.value;
      context.addIssue({ code: "custom", message: result.message, input: given });
      return z.NEVER;
    })
    .meta({ description, fallback });

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
    token,
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
    optional(imageName),
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
    label,
  ),
});

export type InputName = keyof typeof ACTION_INPUTS.shape;
export const INPUT_NAMES = Object.keys(ACTION_INPUTS.shape) as readonly InputName[];

/** What is written in action.yml and the documentation for an input. */
export const inputText = (name: InputName): { readonly description: string; readonly fallback: string } => {
  const { description = "", fallback } = ACTION_INPUTS.shape[name].meta() ?? {};
  return { description, fallback: typeof fallback === "string" ? fallback : "" };
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

/** Their text is, or may hold, a secret. */
const NEVER_SHOWN: ReadonlySet<string> = new Set<InputName>(["token", "build-args"]);

const problemsOf = (issue: z.core.$ZodIssue, raw: Readonly<Record<string, string>>): string[] => {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const near = nearestOf(key, INPUT_NAMES);
      return `${quoted(key)} is no input${near === undefined ? "" : `; did you mean ${near}?`}`;
    });
  }
  const name = String(issue.path[0]);
  const found = NEVER_SHOWN.has(name) ? "" : ` ${quoted(raw[name])}`;
  // A message may quote a part of the text.
  return [`${name}${found}: ${plainText(issue.message, 500)}`];
};

/**
 * @param raw input's name to its text, "" where it is not given
 * @throws SquallError `argument-invalid` with every problem at once
 */
export const parseActionInputs = (raw: Readonly<Record<string, string>>): ActionInputs => {
  const parsed = ACTION_INPUTS.safeParse(raw);
  if (!parsed.success) {
    const detail = parsed.error.issues.flatMap((issue) => problemsOf(issue, raw));
    throw new SquallError(
      "argument-invalid",
      detail.length === 1
        ? "An input of the step is wrong."
        : `${detail.length} of the step's inputs are wrong.`,
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
