/** Ways in which trouble spreads, called by their names where the figures show them. */
import { formatRatio } from "../report/format.ts";
import { type CallsPerRequest, errorWords, shareOfErrors } from "./dependency-evidence.ts";
import type { EdgeFigures } from "./edge-figures.ts";
import { together } from "./evidence.ts";
import { type Figure, SURE_Z } from "./figures.ts";
import type { Propagation } from "./result.ts";
import type { PlaceEvidence } from "./weigh.ts";

export interface Spread {
  readonly client: EdgeFigures;
  readonly dependencies: readonly { readonly figures: EdgeFigures; readonly perRequest: CallsPerRequest }[];
  /** The service's time without its dependencies'. */
  readonly ownMs: Figure;
  /** Of all places, what is left of it. */
  readonly places: readonly PlaceEvidence[];
}

/** Calls per request beyond which tries again are a storm. */
const STORM = 1.3;
const FEWEST_REQUESTS = 10;
/** In flight, as against calm traffic. */
const PILED = 1.5;
const LEAST_ERRORS = 0.02;

const retryStorms = ({ dependencies }: Spread): readonly Propagation[] =>
  dependencies.flatMap(({ figures, perRequest: { calm, fault, requests } }): readonly Propagation[] => {
    const failing = shareOfErrors(figures, "fault") - shareOfErrors(figures, "calm");
    if (requests < FEWEST_REQUESTS || calm <= 0 || fault < STORM * calm || failing < LEAST_ERRORS) return [];
    return [
      {
        kind: "retry-storm",
        from: "service",
        to: figures.edge,
        text: `${figures.edge} gets ${formatRatio(fault)} calls a request instead of ${formatRatio(calm)} while they fail (errors ${errorWords(figures)}).`,
      },
    ];
  });

const isSlower = ({ z, calm, fault }: Figure): boolean => z >= SURE_Z && fault > 1.2 * calm;

const queueing = ({ client, dependencies, ownMs }: Spread): readonly Propagation[] => {
  const { inFlight } = client;
  const piled =
    inFlight.z >= SURE_Z && inFlight.fault >= PILED * inFlight.calm && inFlight.fault >= inFlight.calm + 1;
  const waitsForOthers = dependencies.some(({ figures }) => isSlower(figures.meanMs));
  if (!piled || (waitsForOthers && !isSlower(ownMs))) return [];
  // The edge itself may be what holds them: then the service is no slower than it was.
  if (!isSlower(client.upstreamMs) && !isSlower(ownMs)) return [];
  const others = dependencies.map(({ figures }) => figures.edge);
  const calm =
    waitsForOthers || others.length === 0
      ? ""
      : `, while ${others.join(" and ")} answered no later than in calm traffic`;
  return [
    {
      kind: "queueing",
      from: "client",
      to: "service",
      text: `Requests pile up at the service: ${formatRatio(inFlight.fault)} in flight instead of ${formatRatio(inFlight.calm)}${calm}.`,
    },
  ];
};

const propagations = ({ client, dependencies, places }: Spread): readonly Propagation[] => {
  const worse = shareOfErrors(client, "fault") - shareOfErrors(client, "calm");
  const sure = Object.values(client.failures).some(({ z }) => z >= SURE_Z);
  if (!sure || worse < LEAST_ERRORS) return [];
  const [cause] = dependencies
    .map(({ figures, perRequest }) => {
      const evidence = places.find(({ place }) => place === figures.edge)?.evidence ?? [];
      const [top] = evidence.toSorted((a, b) => b.strength - a.strength);
      return { figures, perRequest, score: together(evidence), reason: top?.reason ?? "" };
    })
    .filter(({ score }) => score >= LEAST_ERRORS)
    .sort((a, b) => b.score - a.score);
  const front = Math.max(
    ...places.map(({ role, evidence }) => (role === "dependency" ? 0 : together(evidence))),
  );
  if (cause === undefined || cause.score < front) return [];
  const { figures, perRequest, reason } = cause;
  const failing = shareOfErrors(figures, "fault") - shareOfErrors(figures, "calm");
  const what =
    failing >= LEAST_ERRORS
      ? `errors at ${figures.edge} ${errorWords(figures)}`
      : perRequest.fault < 0.9 * perRequest.calm
        ? `calls at ${figures.edge} ${formatRatio(perRequest.calm)} -> ${formatRatio(perRequest.fault)} a request`
        : reason;
  return [
    {
      kind: "propagation",
      from: figures.edge,
      to: "client",
      text: `Clients' errors ${errorWords(client)} follow from ${figures.edge}: ${what}.`,
    },
  ];
};

export const propagationOf = (spread: Spread): readonly Propagation[] => [
  ...retryStorms(spread),
  ...queueing(spread),
  ...propagations(spread),
];
