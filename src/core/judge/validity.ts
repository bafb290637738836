/** Did this run measure what it set out to measure? Never a pass, never a blame where it did not (METHOD 7). */
import { withoutEffect } from "../exchange.ts";
import type { Scenario } from "../profile.ts";
import type { Comparison, Finding, Metric } from "../verdict.ts";
import type { JudgeContext, RunSample } from "./context.ts";
import { controlScenario, headRun } from "./context.ts";
import { deathFindings } from "./died.ts";
import { shortReasons } from "./window-reasons.ts";

export interface Validity {
  /** What makes the verdict invalid, in words; empty: the run counts. */
  readonly invalid: readonly string[];
  readonly findings: readonly Finding[];
}

/** A scenario's, and whether a service that hardly answers at all explains it: its faults then meet no calls. */
interface ScenarioValidity extends Validity {
  readonly nothingToStrike: boolean;
}

const loadWindows = (run: RunSample, scenario: Scenario) =>
  run.profile.windows.filter((window) => window.phase === "load" && window.scenario === scenario.name);

/** How a window's reason begins where its fault met nothing (`run/window-records.ts`, `clean.ts`). */
const STRUCK_NOTHING = /^(?:fault without effect|the fault struck nothing)/;

const scenarioValidity = (run: RunSample, scenario: Scenario): ScenarioValidity => {
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
  if (withoutEffect(loadWindows(run, scenario).flatMap(({ receipts }) => receipts)).length > 0) {
    const title = `${scenario.description}: the fault struck nothing`;
    const remedy = `Check that the request set makes the service call ${scenario.faults[0]?.on ?? "its target"} and that \`match\` fits.`;
    const findings = [finding("fault-missed", "block", title, [remedy])];
    return { invalid: [title], findings, nothingToStrike: true };
  }
  const windows = loadWindows(run, scenario);
  const lost = run.invalidWindows.filter((window) => window.scenario === scenario.name);
  if (windows.length === 0) {
    const title = `${scenario.description}: not measured`;
    return {
      invalid: [title],
      findings: [finding("invalid-window", "block", title, ["No window was run."])],
      nothingToStrike: false,
    };
  }
  if (lost.length === 0) return { invalid: [], findings: [], nothingToStrike: true };
  const reasons = shortReasons(lost.map((window) => window.reason));
  const title = `${scenario.description}: ${lost.length} of ${windows.length} windows do not count`;
  const gone = lost.length === windows.length;
  return {
    invalid: gone ? [`${title}: ${reasons[0] ?? ""}`] : [],
    findings: [finding("invalid-window", gone ? "block" : "note", title, reasons)],
    nothingToStrike: !gone || reasons.every((reason) => STRUCK_NOTHING.test(reason)),
  };
};

/** What a client loses. */
const LOSSES: ReadonlySet<Metric> = new Set<Metric>(["error-rate", "late-rate", "degraded-rate"]);

/** Calm traffic itself fails as it never did: whatever the faults were to meet, it was no longer there. */
const isCalmBroken = (context: JudgeContext, comparisons: readonly Comparison[]): boolean => {
  const calm = controlScenario(context)?.name;
  return comparisons.some(
    ({ scenario, metric, label }) => scenario === calm && label === "regressed" && LOSSES.has(metric),
  );
};

const asConsequence = (finding: Finding): Finding => ({ ...finding, severity: "note" });

/**
 * A window that was repeated with success counts once: only a scenario without any valid window is lost. Where the service died by
 * itself, or hardly answers even calm traffic, nothing reached the faults: that is the change's doing, and no failure to measure.
 */
export const validityOf = (context: JudgeContext, comparisons: readonly Comparison[]): Validity => {
  const run = headRun(context);
  const each = context.scenarios.map((scenario) => scenarioValidity(run, scenario));
  const findings = each.flatMap((validity) => validity.findings);
  const died = deathFindings(context).some(({ severity }) => severity === "block");
  const broken = isCalmBroken(context, comparisons) && each.every(({ nothingToStrike }) => nothingToStrike);
  if (died || broken) return { invalid: [], findings: findings.map(asConsequence) };
  return { invalid: each.flatMap((validity) => validity.invalid), findings };
};
