/** The figures of this run alone, a line for each fault: what was answered, and what happened around the answers. */
import type { MeasuredCalls, MeasuredPath, MeasuredScenario, Result } from "../verdict.ts";
import {
  formatBytes,
  formatCores,
  formatCount,
  formatMs,
  formatRatio,
  formatShare,
  NOT_MEASURED,
} from "./format.ts";
import { JOB_NOTE, jobTables } from "./job-tables.ts";
import { isOfJob, scenarioLabel } from "./summary.ts";

/** Plain text, as of names too: each surface escapes it in its own way. */
export interface MeasuredTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What the words of the columns mean. */
const MEASURED_NOTE =
  "This run alone, compared with nothing. A failed request counts as slower than any other; goodput is the share answered well within the SLO, drift the share of good answers unlike the calm ones, TTFT the time to first content, recovery a median; falsely: while most requests failed.";

type Column = readonly [title: string, cell: (measured: MeasuredScenario) => string];

const told = <T>(value: T | null, format: (value: T) => string): string =>
  value === null ? NOT_MEASURED : format(value);

const time =
  (never: string) =>
  (ms: number): string =>
    ms === Number.POSITIVE_INFINITY ? never : formatMs(ms);

const MOST_EDGES = 6;

const ANSWERS: readonly Column[] = [
  ["requests", ({ requests }) => formatCount(requests)],
  ["errors", ({ errorRate }) => told(errorRate, formatShare)],
  ["p50", ({ p50Ms }) => told(p50Ms, time("failed"))],
  ["p95", ({ p95Ms }) => told(p95Ms, time("failed"))],
  ["TTFT p50", ({ ttft50Ms }) => told(ttft50Ms, time("failed"))],
  ["goodput", ({ goodput }) => told(goodput, formatShare)],
  ["degraded", ({ degradedRate }) => told(degradedRate, formatShare)],
  ["drift", ({ driftRate }) => told(driftRate, formatShare)],
  ["recovery", ({ recovery }) => told(recovery?.medianMs ?? null, time("not recovered"))],
];

/** "1.58 (1.57 x calm, struck 3.9, most 5)": what says nothing beyond the first figure is left out. */
const callsCell = ({ perRequest, perHitRequest, timesCalm, most }: MeasuredCalls): string => {
  const all = formatRatio(perRequest);
  const times = timesCalm === null ? "1" : formatRatio(timesCalm);
  const struck = perHitRequest === null ? all : formatRatio(perHitRequest);
  const parts = [
    ...(times === "1" ? [] : [`${times} x calm`]),
    ...(struck === all ? [] : [`struck ${struck}`]),
    ...(most === null ? [] : [`most ${formatCount(most)}`]),
  ];
  return parts.length === 0 ? all : `${all} (${parts.join(", ")})`;
};

const callsAt = (edges: readonly string[]): readonly Column[] =>
  edges.map(
    (edge): Column => [
      `at ${edge}`,
      ({ calls }) => told(calls.find((each) => each.edge === edge) ?? null, callsCell),
    ],
  );

const path =
  (wanted: MeasuredPath["path"]) =>
  ({ paths }: MeasuredScenario): string =>
    told(paths.find((each) => each.path === wanted) ?? null, ({ looks, ok, falselyOk }) => {
      const said = `${formatCount(ok)} of ${formatCount(looks)}`;
      return falselyOk === 0 ? said : `${said}, ${formatCount(falselyOk)} falsely`;
    });

const SERVICE: readonly Column[] = [
  ["health 2xx", path("health")],
  ["ready 2xx", path("ready")],
  [
    "calls left after hang-ups",
    ({ aborts }) =>
      told(aborts, ({ aborted, openAfter1s }) => `${formatCount(openAfter1s)} after ${formatCount(aborted)}`),
  ],
  ["deaths", ({ deaths }) => formatCount(deaths)],
  ["peak CPU", ({ service }) => told(service?.peakCpuCores ?? null, formatCores)],
  ["peak memory", ({ service }) => told(service?.peakMemoryBytes ?? null, formatBytes)],
];

/** Columns that hold nothing for any fault are left out. */
const tableOf = (
  title: string,
  columns: readonly Column[],
  measured: readonly MeasuredScenario[],
): readonly MeasuredTable[] => {
  const kept = columns.filter(([, cell]) => measured.some((each) => cell(each) !== NOT_MEASURED));
  if (kept.length === 0) return [];
  return [
    {
      title,
      columns: ["fault", ...kept.map(([name]) => name)],
      rows: measured.map((each) => [scenarioLabel(each.scenario), ...kept.map(([, cell]) => cell(each))]),
    },
  ];
};

export const measuredNote = (result: Result): string => (isOfJob(result) ? JOB_NOTE : MEASURED_NOTE);

/** Scenarios that have a row. */
export const measuredCount = ({ measured, jobs }: Result): number => jobs?.length ?? measured.length;

/** Tables with a row for each of the first `most` scenarios; none where nothing was measured. */
export const measuredTables = (result: Result, most: number): readonly MeasuredTable[] => {
  if (isOfJob(result)) return jobTables(result, most);
  const { measured } = result;
  const shown = measured.slice(0, most);
  if (shown.length === 0) return [];
  const edges = [...new Set(shown.flatMap(({ calls }) => calls.map(({ edge }) => edge)))];
  return [
    ...tableOf("Answers", ANSWERS, shown),
    ...tableOf("Calls at dependencies, for each client request", callsAt(edges.slice(0, MOST_EDGES)), shown),
    ...tableOf("The service itself", SERVICE, shown),
  ];
};
