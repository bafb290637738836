import * as z from "zod";
import type { Experiment, Frontier, Suite } from "../core/suite.ts";
import { IssueReader, valueAt } from "./issues.ts";
import { expandPack } from "./packs/expand.ts";
import { inOrder, type Problem, type RawProblem, withoutSecrets } from "./problems.ts";
import { positiveDuration } from "./quantity-schema.ts";
import { buildSuite, dependenciesOf, experimentOf, frontierOf } from "./suite-build.ts";
import { SUITE_CHECKS } from "./suite-checks/checks.ts";
import { recoveryExperimentsExist } from "./suite-checks/recovery.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import { loadDocument } from "./suite-document.ts";
import { suiteParts } from "./suite-parts.ts";
import { type ParsedSuite, suiteSchema } from "./suite-schema.ts";

export type SuiteResult =
  | { readonly ok: true; readonly suite: Suite; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const budgetSchema = positiveDuration("").prefault(SUITE_DEFAULTS.gate.budget);

/** Budget even where the rest of the file does not parse. */
const budgetOf = (value: unknown): number | undefined => {
  const result = budgetSchema.safeParse(valueAt(value, ["gate", "budget"]));
  return result.success ? result.data : undefined;
};

interface Expanded {
  readonly experiments: readonly Experiment[];
  readonly frontiers: readonly Frontier[];
  readonly problems: readonly RawProblem[];
  readonly warnings: readonly RawProblem[];
}

/** The file's own experiments and those of its packs, in order. */
const expand = (parsed: ParsedSuite, written: unknown): Expanded => {
  const dependencies = dependenciesOf(parsed);
  const experiments: Experiment[] = [];
  const frontiers: Frontier[] = [];
  const problems: RawProblem[] = [];
  const warnings: RawProblem[] = [];
  for (const [index, each] of parsed.experiments.entries()) {
    if (each.pack === undefined) {
      const own = valueAt(written, ["experiments", index]);
      const frontier = frontierOf(each, own, dependencies);
      if (frontier === null) experiments.push(experimentOf(each, own, dependencies));
      else frontiers.push(frontier);
      continue;
    }
    const pack = expandPack(each.pack, {
      dependencies,
      parsed,
      path: ["experiments", index],
      only: each.only,
      except: each.except,
    });
    problems.push(...pack.problems);
    warnings.push(...pack.warnings);
    experiments.push(...pack.experiments);
  }
  for (const [index, { name, pack }] of experiments.entries()) {
    const isFirst =
      experiments.findIndex((other) => other.name === name) === index &&
      frontiers.every((other) => other.name !== name);
    if (pack === undefined || isFirst) continue;
    const place = parsed.experiments.findLastIndex((each) => each.pack === pack);
    if (problems.some(({ path }) => path[1] === place)) continue;
    problems.push({
      path: ["experiments", place, "pack"],
      at: "value",
      code: "duplicate",
      found: name,
      message: `Pack ${pack} has an experiment ${name}, and the name is taken already`,
      allowed: "each name once",
      remedy: `Rename yours, or leave the pack's out: except: [${name}].`,
    });
  }
  if (experiments.length + frontiers.length === 0 && problems.length === 0)
    problems.push({
      path: ["experiments"],
      at: "value",
      code: "missing-key",
      found: "packs of which nothing applies",
      message: "No experiment is left",
      allowed: "at least one experiment",
      remedy: "Name the service's dependencies, or write experiments of your own.",
    });
  problems.push(...recoveryExperimentsExist(parsed.recovery?.experiments ?? [], experiments, frontiers));
  return { experiments, frontiers, problems, warnings };
};

/** Stands for the experiments of a suite that has none yet: fits every suite, and asks nothing of its dependencies. */
const placeholder = (value: unknown): unknown => [
  {
    name: "none-yet",
    faults: [{ kind: "pause", for: "1s" }],
    ...(valueAt(value, ["workload", "job"]) === undefined ? {} : { at: { step: 1 } }),
  },
];

const lacksExperiments = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const experiments = valueAt(value, ["experiments"]) ?? [];
  return Array.isArray(experiments) && experiments.length === 0;
};

/**
 * The one door of squall.yml: text to `Suite`, or every problem at once with its place. Takes anything, executes
 * nothing, never throws.
 *
 * @param options.file how the file is named in problems
 * @param options.mayLackExperiments a suite whose `experiments` is missing or empty is one without any: before there are some
 */
export const parseSuite = (
  text: string,
  options: { readonly file: string; readonly mayLackExperiments?: boolean },
): SuiteResult => {
  const loaded = loadDocument(text, options.file);
  if (!loaded.ok) return { ok: false, problems: inOrder(loaded.problems) };
  const { locate } = loaded.document;
  const lacking = options.mayLackExperiments === true && lacksExperiments(loaded.document.value);
  const value = lacking
    ? { ...Object(loaded.document.value), experiments: placeholder(loaded.document.value) }
    : loaded.document.value;
  const problems: RawProblem[] = [];
  const warnings: RawProblem[] = [];
  const parsed = z.safeParse(suiteSchema, value);
  if (!parsed.success) problems.push(...new IssueReader(suiteSchema).read(parsed.error.issues, value));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const report = {
      problem: (problem: RawProblem) => void problems.push(problem),
      warning: (warning: RawProblem) => void warnings.push(warning),
    };
    const parts = suiteParts(value, budgetOf(value));
    for (const check of SUITE_CHECKS) check(parts, report);
  }
  const secretLines = new Set(
    [...problems, ...warnings]
      .map(locate)
      .flatMap(({ hideSource, line }) => (hideSource === true ? [line] : [])),
  );
  const placed = (raw: readonly RawProblem[]): Problem[] =>
    inOrder(withoutSecrets(raw.map(locate), secretLines));
  if (!parsed.success || problems.length > 0) return { ok: false, problems: placed(problems) };
  if (lacking) return { ok: true, suite: buildSuite(parsed.data, [], []), warnings: placed(warnings) };
  const expanded = expand(parsed.data, value);
  if (expanded.problems.length > 0) return { ok: false, problems: placed(expanded.problems) };
  return {
    ok: true,
    suite: buildSuite(parsed.data, expanded.experiments, expanded.frontiers),
    warnings: placed([...warnings, ...expanded.warnings]),
  };
};
