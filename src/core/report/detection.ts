/** What detectors saw, in words that every surface shares: they explain and time a fault, and never set the verdict. */
import type { DetectorName, DetectorResult } from "../detect/result.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatMs } from "./format.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";

export const DETECTOR_WORDS: Readonly<Record<DetectorName, string>> = {
  "mean-variance": "mean and variance",
  arma: "ARMA",
  svm: "support vector machine",
  "random-forest": "random forest",
};

const TEN_MINUTES_MS = 600_000;

/** Shorter than this, calm says nothing of how often a detector errs. */
const LEAST_CALM_MS = 10_000;

/** "1.2 (1 in 50 s)": the rate, and what it rests on. */
const falseAlarmText = ({ falseAlarms, calmMs }: DetectorResult): string => {
  if (calmMs < LEAST_CALM_MS) return "n/a";
  const rate = (falseAlarms * TEN_MINUTES_MS) / calmMs;
  return `${rate.toFixed(1)} (${falseAlarms} in ${formatMs(calmMs)})`;
};

/** "4 of 5 after 2 s" */
const foundText = (result: DetectorResult, scenario: string): string => {
  const found = result.scenarios.find((each) => each.scenario === scenario);
  if (found === undefined) return "";
  const after = found.medianDelayMs === null ? "" : ` after ${formatMs(found.medianDelayMs)}`;
  return `${found.found} of ${found.windows}${after}`;
};

const formText = ({ form, fellBack }: DetectorResult): string =>
  fellBack === undefined ? form : `${form} (${fellBack})`;

const NOTE =
  "Windows under each fault that were flagged, and the median time from the fault's start to the end of the first flagged second. Detectors explain; they never set the verdict.";

const FAULTS = 60;

/** One folded table: a row for each fault, a column for each detector. */
export const detectionMarkdown = ({ detection = [] }: Result): string[] => {
  const first = detection[0];
  if (first === undefined) return [];
  const scenarios = [...new Set(detection.flatMap((each) => each.scenarios.map(({ scenario }) => scenario)))];
  const more = scenarios.length - FAULTS;
  const cell = (text: string): string => escapeMarkdown(text, 160);
  const row = (title: string, of: (result: DetectorResult) => string): readonly string[] => [
    cell(title),
    ...detection.map((each) => cell(of(each))),
  ];
  const rows = [
    row("Form", formText),
    ...scenarios.slice(0, FAULTS).map((scenario) => row(scenario, (each) => foundText(each, scenario))),
    row("False alarms per 10 min of calm", falseAlarmText),
  ];
  const columns = ["Fault", ...detection.map(({ detector }) => DETECTOR_WORDS[detector])];
  return [
    folded(
      "When detectors saw each fault",
      [NOTE, table(columns, rows), ...(more > 0 ? [`And ${more} more in \`result.json\`.`] : [])].join(
        "\n\n",
      ),
    ),
  ];
};

const ranText = (result: DetectorResult): string => {
  const windows = result.scenarios.reduce((sum, each) => sum + each.windows, 0);
  const found = result.scenarios.reduce((sum, each) => sum + each.found, 0);
  const missed = result.scenarios.filter((each) => each.found === 0).map(({ scenario }) => scenario);
  const named = missed.slice(0, 5).join(", ");
  const more = missed.length > 5 ? ` and ${missed.length - 5} more` : "";
  return [
    `Detector ${DETECTOR_WORDS[result.detector]}, ${formText(result)}: ${found} of ${windows} faulty windows flagged`,
    ...(missed.length === 0 ? [] : [`never ${named}${more}`]),
    `false alarms per 10 min of calm ${falseAlarmText(result)}`,
  ].join("; ");
};

/** One line for each detector that ran, and one for those that did not. */
export const detectionLines = ({ detection = [] }: Result): string[] => {
  const idle = detection.filter(({ scenarios }) => scenarios.length === 0);
  const [first] = idle;
  return [
    ...detection.filter(({ scenarios }) => scenarios.length > 0).map(ranText),
    ...(first === undefined
      ? []
      : [`Detectors ${idle.map(({ detector }) => DETECTOR_WORDS[detector]).join(", ")}: ${formText(first)}`]),
  ];
};
