/** What speaks against a dependency's edge. */
import { formatBytes, formatMs, formatRatio, formatShare } from "../report/format.ts";
import { added, type EdgeFigures } from "./edge-figures.ts";
import { type Evidence, later, moreOften, scaled, strongest, weightOfShare } from "./evidence.ts";
import { type Figure, SURE_Z } from "./figures.ts";

/** Calls at an edge for each request that reached the service. */
export interface CallsPerRequest {
  readonly calm: number;
  readonly fault: number;
  /** Requests under the fault: too few tell nothing. */
  readonly requests: number;
}

const FEWEST_REQUESTS = 10;

/** Calls of a second follow from requests of the one before it where a service has a backlog: less than this is no change. */
const LEAST_CHANGE = 0.35;

/** A change of calls per request that is more than chance, as a ratio; calls count as Poisson. */
const changedCalls = ({ calm, fault, requests }: CallsPerRequest): number | null => {
  if (requests < FEWEST_REQUESTS || calm <= 0.05) return null;
  const error = Math.sqrt(Math.max(calm, fault) / requests);
  return Math.abs(fault - calm) > Math.max(LEAST_CHANGE * calm, SURE_Z * error) ? fault / calm : null;
};

const failures = ({ failures: by }: EdgeFigures): readonly Evidence[] => [
  ...moreOften("failures", by["server-error"], "errors (5xx)"),
  ...moreOften("failures", by["rate-limited"], "rate limited (429)"),
  ...moreOften("failures", by["client-error"], "errors (4xx)"),
  ...moreOften("failures", by.refused, "refused"),
  ...moreOften("failures", by.cut, "cut"),
  ...moreOften("failures", by.malformed, "malformed"),
];

const faster = ({ meanMs }: EdgeFigures): readonly Evidence[] =>
  meanMs.z > -SURE_Z || meanMs.calm <= 0
    ? []
    : [
        {
          kind: "faster",
          strength: 0.3 * (1 - meanMs.fault / meanMs.calm),
          reason: `answers come sooner (${formatMs(meanMs.calm)} -> ${formatMs(meanMs.fault)})`,
        },
      ];

const size = ({ answerBytes }: EdgeFigures): readonly Evidence[] => {
  if (Math.abs(answerBytes.z) < SURE_Z) return [];
  const [less, more] = [answerBytes.calm, answerBytes.fault].sort((a, b) => a - b) as [number, number];
  return [
    {
      kind: "size",
      strength: 0.7 * weightOfShare(1 - less / Math.max(1, more)),
      reason: `answers have another size (${formatBytes(answerBytes.calm)} -> ${formatBytes(answerBytes.fault)})`,
    },
  ];
};

const calls = (
  { retries, sinceRequestMs }: EdgeFigures,
  perRequest: CallsPerRequest,
): readonly Evidence[] => {
  const ratio = changedCalls(perRequest);
  // Where calls are told apart by their request, tries again are counted, and need no rate.
  const again = sinceRequestMs === null ? [] : moreOften("asked-again", retries, "asked again");
  if (again.length > 0 || ratio === null || (ratio > 1 && sinceRequestMs !== null)) return again;
  const figures = `${formatRatio(perRequest.calm)} -> ${formatRatio(perRequest.fault)} calls a request`;
  return ratio > 1
    ? [{ kind: "asked-again", strength: 1 - 1 / ratio, reason: `asked again (${figures})` }]
    : [{ kind: "missing", strength: 1 - ratio, reason: `calls no longer arrive (${figures})` }];
};

/** A caller whose connections are refused or cut opens new ones: also where no call came of them. */
const reconnecting = ({ connections: { calm, fault, z } }: EdgeFigures): readonly Evidence[] =>
  z < SURE_Z || fault < calm + 0.1
    ? []
    : [
        {
          kind: "reconnecting",
          strength: weightOfShare((fault - calm) / (1 + fault)),
          reason: `${formatRatio(calm)} -> ${formatRatio(fault)} connections a call`,
        },
      ];

/** The slowest few say less than all: a machine's hiccup is among them. */
const OF_EXTREMES = 0.7;

/** Of a whole request's time in calm traffic: a delay of less is none that its client would meet. */
const OF_A_REQUEST = 0.1;

/** By how much clients of the service hang up more: their calls are let go, and that is nobody's fault here. */
const gone = ({ calm, fault }: Figure): number => Math.max(0, fault - calm);

/** Everything unusual about a dependency's edge, not yet weighed against what others explain. */
export const dependencyEvidence = (
  figures: EdgeFigures,
  client: EdgeFigures,
  perRequest: CallsPerRequest,
): readonly Evidence[] => {
  const failed = failures(figures);
  const nothingMs = OF_A_REQUEST * client.meanMs.calm;
  const evidence = [
    ...failed,
    ...moreOften("abandoned", figures.failures.aborted, "given up", gone(client.failures.aborted)),
    ...strongest([
      ...later("slower", figures.meanMs, "answers", nothingMs),
      ...later("slower", added(figures), "answers, by what the edge adds to the upstream's time,", nothingMs),
      ...later("slower", figures.firstByteMs, "first bytes", nothingMs),
      ...later("slower", figures.meanGapMs, "silences inside answers", nothingMs),
      ...later("slower", figures.upstreamMs, "the upstream itself", nothingMs),
      ...[
        ...later("slower", figures.p95Ms, "the slowest twentieth of answers", nothingMs),
        ...later("slower", figures.gapMs, "the longest silences inside answers", nothingMs),
      ].map((extreme) => scaled(extreme, OF_EXTREMES)),
    ]),
    ...calls(figures, perRequest),
    ...reconnecting(figures),
  ];
  // Failed calls are short and small; what is left to say of such answers is in those.
  return failed.length > 0 ? evidence : [...evidence, ...faster(figures), ...size(figures)];
};

export const shareOfErrors = (
  { failures: by, calmCalls, faultCalls }: EdgeFigures,
  side: "calm" | "fault",
): number =>
  (side === "calm" ? calmCalls : faultCalls) <= 0
    ? 0
    : Object.values(by).reduce((sum, figure) => sum + figure[side], 0);

export const errorWords = (figures: EdgeFigures): string =>
  `${formatShare(shareOfErrors(figures, "calm"))} -> ${formatShare(shareOfErrors(figures, "fault"))}`;
