/** Did this run measure what it set out to measure? Never a pass, never a blame where it did not (METHOD 7). */
import type { Scenario } from "../profile.ts";
import type { Finding } from "../verdict.ts";
import type { JudgeContext, RunSample } from "./context.ts";
import { headRun } from "./context.ts";
import { deathFindings } from "./died.ts";

export interface Validity {
  /** What makes the verdict invalid, in words; empty: the run counts. */
  readonly invalid: readonly string[];
  readonly findings: readonly Finding[];
}

const loadWindows = (run: RunSample, scenario: Scenario) =>
  run.profile.windows.filter((window) => window.phase === "load" && window.scenario === scenario.name);

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

/** Faults whose receipts over all windows of the scenario show nothing struck. */
const missedFaults = (run: RunSample, scenario: Scenario): readonly string[] => {
  const affected = new Map<string, number>();
  for (const receipt of loadWindows(run, scenario).flatMap((window) => window.receipts)) {
    affected.set(receipt.faultId, (affected.get(receipt.faultId) ?? 0) + receipt.affected);
  }
  return [...affected].filter(([, count]) => count === 0).map(([faultId]) => faultId);
};

const scenarioValidity = (run: RunSample, scenario: Scenario): Validity => {
  const finding = (
    kind: Finding["kind"],
    severity: Finding["severity"],
    title: string,
    detail: readonly string[],
  ): Finding => ({
    kind,
    severity,
    scenario: scenario.name,
    metric: null,
    edge: scenario.faults[0]?.on ?? null,
    title,
    detail,
  });
  if (missedFaults(run, scenario).length > 0) {
    const title = `${scenario.description}: the fault struck nothing`;
    const remedy = `Check that the request set makes the service call ${scenario.faults[0]?.on ?? "its target"} and that \`match\` fits.`;
    return { invalid: [title], findings: [finding("fault-missed", "block", title, [remedy])] };
  }
  const windows = loadWindows(run, scenario);
  const lost = run.invalidWindows.filter((window) => window.scenario === scenario.name);
  if (windows.length === 0) {
    const title = `${scenario.description}: not measured`;
    return {
      invalid: [title],
      findings: [finding("invalid-window", "block", title, ["No window was run."])],
    };
  }
  if (lost.length === 0) return { invalid: [], findings: [] };
  const reasons = distinct(lost.map((window) => window.reason));
  const title = `${scenario.description}: ${lost.length} of ${windows.length} windows do not count`;
  const gone = lost.length === windows.length;
  return {
    invalid: gone ? [`${title}: ${reasons[0] ?? ""}`] : [],
    findings: [finding("invalid-window", gone ? "block" : "note", title, reasons)],
  };
};

const asConsequence = (finding: Finding): Finding => ({ ...finding, severity: "note" });

/**
 * A window that was repeated with success counts once: only a scenario without any valid window is lost. Where the service died by
 * itself, nothing reached the faults that came after: that is the change's doing, and no failure to measure.
 */
export const validityOf = (context: JudgeContext): Validity => {
  const run = headRun(context);
  const each = context.scenarios.map((scenario) => scenarioValidity(run, scenario));
  const findings = each.flatMap((validity) => validity.findings);
  if (deathFindings(context).some(({ severity }) => severity === "block"))
    return { invalid: [], findings: findings.map(asConsequence) };
  return { invalid: each.flatMap((validity) => validity.invalid), findings };
};
