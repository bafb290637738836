/** Who noticed, and when: detectors over the run's series, and the service's own signals. */
import type { DetectorResult } from "../../detect/result.ts";
import type { SignalResult } from "../../signals/result.ts";
import type { MeasuredPath, Result } from "../../verdict.ts";
import { formatCount, formatCounted, formatMs, formatShare } from "../format.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, ended, line, type Section, type Statement } from "./statement.ts";

const detectorStatement = (detector: DetectorResult, place: string, name: string): readonly Statement[] => {
  const index = detector.scenarios.findIndex(({ scenario }) => scenario === name);
  const seen = detector.scenarios[index];
  if (seen === undefined) return [];
  const delay = seen.medianDelayMs === null ? "" : `, after ${formatMs(seen.medianDelayMs)} at the median`;
  return [
    line(
      `Detector ${detector.detector} (${detector.form}) flagged ${formatCount(seen.found)} of ${formatCounted(seen.windows, "window")}${delay}; in ${formatMs(detector.calmMs)} of calm traffic it gave ${formatCounted(detector.falseAlarms, "false alarm")}.`,
      at("detection", place, "form"),
      at("detection", place, "calmMs"),
      at("detection", place, "falseAlarms"),
      at("detection", place, "scenarios", index),
    ),
  ];
};

/** Did the service's owner have a chance to notice? */
const signalStatement = (signal: SignalResult, place: string, name: string): readonly Statement[] => {
  const index = signal.scenarios.findIndex(({ scenario }) => scenario === name);
  const seen = signal.scenarios[index];
  if (seen === undefined) return [];
  const subject = `The service's own signal ${signal.signal} (${signal.description})`;
  if (signal.untold !== undefined)
    return [
      line(
        `${subject} can not be told to have shown it: ${signal.untold}.`,
        at("signals", place, "signal"),
        at("signals", place, "description"),
        at("signals", place, "untold"),
      ),
    ];
  const harmed = `${formatShare(seen.harmedShare)} of requests failed or were late`;
  const delay = seen.medianDelayMs === null ? "" : `, after ${formatMs(seen.medianDelayMs)} at the median`;
  const calm = `; in ${formatMs(signal.calmMs)} of calm traffic it showed ${formatCounted(signal.falselyShown, "time")}`;
  const text =
    seen.shown === 0
      ? `${subject} never showed in ${formatCounted(seen.windows, "window")}, while ${harmed}${calm}.`
      : `${subject} showed in ${formatCount(seen.shown)} of ${formatCounted(seen.windows, "window")}${delay}, while ${harmed}${calm}.`;
  return [
    line(
      text,
      at("signals", place, "signal"),
      at("signals", place, "description"),
      at("signals", place, "calmMs"),
      at("signals", place, "falselyShown"),
      at("signals", place, "scenarios", index),
    ),
  ];
};

const pathStatement = ({ path, looks, ok, falselyOk }: MeasuredPath, place: string): Statement =>
  line(
    falselyOk === 0
      ? `The ${path} path told that all is well in ${formatCount(ok)} of ${formatCounted(looks, "look")}, and never while most requests failed.`
      : `The ${path} path told that all is well in ${formatCount(falselyOk)} of ${formatCounted(looks, "look")} while most requests failed.`,
    place,
  );

/** The judge's own word on faults that no signal showed. */
const unnoticed = ({ verdict }: Result, name: string): readonly Statement[] =>
  verdict.findings.flatMap(({ kind, scenario, title }, index) =>
    kind === "unnoticed" && scenario === name
      ? [line(ended(title), at("verdict", "findings", index, "title"))]
      : [],
  );

export const detectionSection = (result: Result, failed: readonly FailedExperiment[]): Section => ({
  title: "Detection",
  statements: failed.flatMap(({ name, head }) => {
    if (name === null) return [];
    const index = result.measured.findIndex(({ scenario }) => scenario === name);
    const said = [
      ...unnoticed(result, name),
      ...(result.detection ?? []).flatMap((each, place) => detectorStatement(each, String(place), name)),
      ...(result.signals ?? []).flatMap((each, place) => signalStatement(each, String(place), name)),
      ...(result.measured[index]?.paths ?? []).map((each, place) =>
        pathStatement(each, at("measured", index, "paths", place)),
      ),
    ];
    return said.length === 0 ? [] : [head, ...said];
  }),
});
