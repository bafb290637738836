import { formatProblems } from "../../src/config/problems.ts";
import { parseSuite } from "../../src/config/suite.ts";
import type { Suite } from "../../src/core/suite.ts";

const base = {
  version: 1,
  service: { command: "node server.ts", ready: "/healthz" },
  dependencies: { llm: { stub: "openai" }, vector: { command: "node vector.ts" } },
  workload: { requests: "requests.jsonl", rate: "20/s" },
  experiments: [{ name: "llm-down", faults: [{ kind: "refuse", on: "llm" }] }],
};

/** A suite file (JSON is YAML) with some of its parts replaced. */
export const suiteWith = (parts: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ ...base, ...parts }, null, 1);

/** The suite, or an error that shows every problem. */
export const mustParse = (text: string): { suite: Suite; warnings: readonly string[] } => {
  const result = parseSuite(text, { file: "squall.yml" });
  if (!result.ok) throw new Error(formatProblems(result.problems, text));
  return { suite: result.suite, warnings: result.warnings.map(({ message }) => message) };
};

/** Messages of the problems, with their paths; empty where the suite is taken. */
export const problemsOf = (text: string): string[] => {
  const result = parseSuite(text, { file: "squall.yml" });
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};
