/** Workflow files, ours and those we tell users to copy: by GitHub's published schemas, and by what has gone wrong elsewhere. */
import { readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { workflowText } from "../../src/config/init/workflow-text.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

const validator = (name: string): ((value: unknown) => string[]) => {
  const schema: unknown = JSON.parse(readFileSync(path.join(ROOT, "test/fixtures/schemas", name), "utf8"));
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(schema as object);
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
};

const workflowProblems = validator("github-workflow.json");

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly strategy?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, { readonly paths?: unknown } | null>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = await Array.fromAsync(
  glob(
    ["/.github/workflows/*.yml", "/examples/ci/github/*.yml", "/examples/ci/gitea/*.yml"].map(
      (each) => ROOT + each,
    ),
  ),
);
const workflows: readonly (readonly [string, Workflow])[] = [
  ...(await Promise.all(
    files.map(
      async (file) => [path.relative(ROOT, file), parse(await readFile(file, "utf8")) as Workflow] as const,
    ),
  )),
  ...[true, false].map(
    (flag) =>
      [
        `squall init (${flag ? "node and python" : "neither"})`,
        parse(workflowText({ node: flag, python: flag })) as Workflow,
      ] as const,
  ),
];

const usesSquall = ({ uses = "" }: Step): boolean => uses === "./" || /\/squall@/.test(uses);

describe.each(workflows)("%s", (_, workflow) => {
  test("is a workflow by GitHub's schema", () => expect(workflowProblems(workflow)).toEqual([]));

  test("gives no job more than it needs by default, and no job for ever", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const job of Object.values(workflow.jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  test("never runs strangers' code with the repository's secrets", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    if (!Object.keys(workflow.on).includes("workflow_run")) return;
    const checkouts = Object.values(workflow.jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const { with: inputs } of checkouts) expect(inputs).not.toHaveProperty("ref");
  });

  test("a required job can neither be skipped nor renamed by its matrix, and its workflow always starts", () => {
    const gates = Object.values(workflow.jobs).filter(({ steps }) =>
      steps.some((step) => usesSquall(step) && step.with?.["mode"] !== "report"),
    );
    for (const gate of gates) {
      expect(gate.if).toBeUndefined();
      expect(gate.strategy).toBeUndefined();
      expect(gate.name).toBeUndefined();
      for (const event of Object.values(workflow.on)) expect(event ?? {}).not.toHaveProperty("paths");
    }
  });

  test("uses only inputs that the Action has", async () => {
    const action = parse(await readFile(path.join(ROOT, "action.yml"), "utf8")) as { inputs: object };
    for (const { steps } of Object.values(workflow.jobs)) {
      for (const step of steps.filter(usesSquall)) {
        for (const name of Object.keys(step.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
      }
    }
  });
});

test("there are workflows to look at", () => {
  const names = workflows.map(([name]) => name);
  for (const name of ["ci", "release", "squall", "squall-report"]) {
    expect(names).toContain(`.github/workflows/${name}.yml`);
  }
  expect(names).toContain("examples/ci/github/squall.yml");
});

test("the schema refuses what is no workflow", () => {
  expect(workflowProblems({ on: "push", jobs: { a: { steps: [{ run: 1 }] } } })).not.toEqual([]);
});

test("dependabot's file and the issue forms are what GitHub's schemas say", async () => {
  const dependabot: unknown = parse(await readFile(path.join(ROOT, ".github/dependabot.yml"), "utf8"));
  expect(validator("dependabot.json")(dependabot)).toEqual([]);
  const forms = await Array.fromAsync(glob(`${ROOT}/.github/ISSUE_TEMPLATE/!(config).yml`));
  expect(forms.length).toBeGreaterThan(1);
  const formProblems = validator("github-issue-forms.json");
  for (const form of forms) expect(formProblems(parse(await readFile(form, "utf8")))).toEqual([]);
});
