/** What `squall discover` shows on a terminal: edges by rank, logs, proposals. */
import { formatBytes, formatSeconds } from "../../config/discover/figures.ts";
import { logPattern } from "../../config/discover/log-patterns.ts";
import type { Observed, ObservedEdge, ProbeQuestion } from "../../config/discover/observed.ts";
import type { Chosen } from "../../config/discover/propose.ts";
import { exposureOf, probeCounts, protectionOf } from "../../config/discover/protection.ts";
import { probeWords } from "../../config/discover/words.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { textTable } from "../../core/report/terminal-layout.ts";

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const WIDTH = 160;

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  textTable(
    [head, ...rows].map((row) => row.map((cell) => plainText(cell, 90))),
    WIDTH,
  );

const share = (value: number | null): string => (value === null ? "?" : percent(value));

const edgeRow = (edge: ObservedEdge): string[] => {
  const { retried, bounded, fallback } = protectionOf(edge);
  return [
    edge.edge,
    `${edge.attributable || edge.requestShare === 0 ? "" : "~"}${percent(edge.requestShare)}`,
    String(Math.round(edge.callsPerRequest * 100) / 100),
    `${formatSeconds(edge.p50Ms)} / ${formatSeconds(edge.p95Ms)}`,
    `${edge.shape}${edge.streams ? ", streams" : ""}`,
    share(retried),
    share(bounded),
    share(fallback),
    exposureOf(edge).toFixed(2),
  ];
};

/** Edges by what they are ranked by: traffic, and how little protects them. */
export const byExposure = ({ edges }: Observed): readonly ObservedEdge[] =>
  edges.toSorted((a, b) => exposureOf(b) - exposureOf(a));

const HEAD = [
  "edge",
  "requests",
  "calls each",
  "p50 / p95",
  "kind",
  "failure survived",
  "hang ended",
  "outage answered",
  "exposure",
];

const LOUD: readonly ProbeQuestion[] = ["single-failure", "hang", "outage", "retry-after"];

/** The findings in words, those that a person can act on. */
const edgeLines = (edge: ObservedEdge): string[] => [
  `  ${edge.edge}${edge.question === "" ? "" : `  (${edge.question})`}`,
  ...LOUD.filter((question) => question !== "retry-after" || probeCounts(edge, question) !== null).map(
    (question) => `    - ${probeWords(edge, question)}`,
  ),
  ...(edge.failed === 0 ? [] : [`    - ${edge.failed} of ${edge.calls} calls failed with no fault in force`]),
];

const logLines = ({ logs }: Observed): string[] =>
  logs.length === 0
    ? ["Logs: no known error pattern."]
    : [
        "Logs (counts of lines; their text is not shown):",
        ...logs.map(({ log, pattern, lines, naming }) => {
          const named = Object.entries(naming).map(([name, count]) => `${name} ${count}`);
          return `  ${plainText(log, 80)}: ${lines} like ${logPattern(pattern)?.words ?? pattern}${named.length === 0 ? "" : ` (naming ${named.join(", ")})`}`;
        }),
      ];

const processLines = ({ processes }: Observed): string[] =>
  processes.length === 0
    ? []
    : [
        `Processes: ${processes.map(({ name, cpu, memoryBytes }) => `${name} ${cpu.toFixed(2)} cores, ${formatBytes(memoryBytes)}`).join("; ")}`,
      ];

const MOST_NOTES = 6;

const chosenLines = ({ already, impossible, more }: Chosen): string[] => [
  ...(already.length === 0
    ? []
    : [
        `Asked by the suite already: ${already
          .slice(0, MOST_NOTES)
          .map(({ proposal, experiment }) =>
            proposal === experiment ? experiment : `${proposal} (as ${experiment})`,
          )
          .join(", ")}${already.length > MOST_NOTES ? ", ..." : ""}`,
      ]),
  ...impossible.slice(0, MOST_NOTES).map(({ proposal, why }) => `Left out: ${proposal}: ${why}`),
  ...(more === 0 ? [] : [`${more} more of lower rank (--most shows them)`]),
];

/** All that was seen, for a person. Neither secrets nor lines of logs. */
export const observedText = (observed: Observed): string => {
  const { requests, seconds, failed, degraded, p50Ms, p95Ms, unreached, notes } = observed;
  const edges = byExposure(observed);
  const lines = [
    `Calm traffic: ${requests} requests in ${seconds} s, ${failed} failed${degraded === 0 ? "" : `, ${degraded} answered with a fallback`}, p50 ${formatSeconds(p50Ms)}, p95 ${formatSeconds(p95Ms)}`,
    "",
    ...(edges.length === 0
      ? ["No request called any dependency."]
      : [tableOf(HEAD, edges.map(edgeRow)), "", ...edges.flatMap(edgeLines)]),
    ...(unreached.length === 0
      ? []
      : [
          "",
          `No request called ${unreached.join(", ")}: add requests that do, or nothing can be proposed there.`,
        ]),
    "",
    ...processLines(observed),
    ...logLines(observed),
    ...notes.map((note) => `Note: ${note}`),
  ];
  return lines.join("\n");
};

export const chosenText = (chosen: Chosen): string =>
  chosenLines(chosen)
    .map((line) => `${plainText(line, 400)}\n`)
    .join("");
