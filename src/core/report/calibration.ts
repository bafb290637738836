/** What a calibration found, on a terminal. */
import { type Calibration, timesLonger, type Visible } from "../calibration/calibrate.ts";
import { formatChange, formatCounted, formatMs, formatShare } from "./format.ts";
import { scenarioLabel } from "./summary.ts";
import { METRIC_WORDS } from "./words.ts";

/** A sensitivity that a person wishes for: shares 0..1, times relative to the baseline's median or in ms. */
export interface Wish {
  readonly metric: Visible["metric"];
  readonly value: number;
}

const countWords = ({ words }: Calibration): string => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
};

const visibleLine = (each: Visible): string => {
  const { metric, unit, scenario, visible, margin, designEffect } = each;
  const effect = designEffect === null ? "" : `; ${designEffect.toFixed(1)} requests are worth one`;
  return `  ${METRIC_WORDS[metric]}: ${formatChange(visible, unit)} (allowed ${formatChange(margin, unit)}; least seen under ${scenarioLabel(scenario)}${effect})`;
};

const wishLine = (calibration: Calibration, { metric, value }: Wish): string => {
  const known = calibration.visible.find((each) => each.metric === metric);
  if (known === undefined) return `  ${METRIC_WORDS[metric]}: not measured by this suite`;
  const wished = formatChange(value, known.unit);
  const times = timesLonger(known, value);
  if (times === null)
    return `  ${METRIC_WORDS[metric]} ${wished}: never, because gate.minEffect allows ${formatChange(known.margin, known.unit)}; lower it first`;
  if (times === 1) return `  ${METRIC_WORDS[metric]} ${wished}: seen already`;
  return `  ${METRIC_WORDS[metric]} ${wished}: ${times.toFixed(1)} times the budget or the rate (about ${formatMs(times * calibration.measuringMs)} under load)`;
};

export const renderCalibration = (calibration: Calibration, wishes: readonly Wish[]): string => {
  const { noise, words, failed, failedUpper, visible, measuringMs } = calibration;
  const total = words.length;
  return [
    `${formatCounted(calibration.runs, "run")} of the same service, each of ${formatMs(measuringMs)} under load and judged against those before it: ${countWords(calibration)}.`,
    `False failures: ${failed} of ${total}; with 95 % confidence at most ${formatShare(failedUpper)}.${total < 20 ? " More runs narrow that: 60 without one make it 5 %." : ""}`,
    "",
    "Smallest change that a run sees with 80 % power:",
    ...visible.map(visibleLine),
    ...(wishes.length === 0
      ? []
      : ["", "To see less:", ...wishes.map((wish) => wishLine(calibration, wish))]),
    "",
    `Noise: calm latency differs by ${formatShare(noise.betweenRuns - 1)} between the slowest and the fastest run, drifts by up to ${formatShare(noise.driftWithinRun)} within one, and stalls ${noise.stallsPerMinute.toFixed(1)} times a minute.`,
  ].join("\n");
};
