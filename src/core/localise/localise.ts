/**
 * Which edge or process deviated first and most, for each experiment of a run:
 *
 *   Profile --observe--> what anybody sees --evidence of each place--> weigh (who explains whom) --> suspects in order
 *
 * Only then the truth is read, to say whether the first suspect is right.
 */
import type { EdgeSecond, ProcessSample, Profile } from "../profile.ts";
import { formatMs } from "../report/format.ts";
import { type CallsPerRequest, dependencyEvidence } from "./dependency-evidence.ts";
import { type EdgeFigures, type EdgeSeries, edgeFigures, type Sides, tallyOf } from "./edge-figures.ts";
import { type Evidence, together } from "./evidence.ts";
import { type Figure, median, secondsIn, secondsTouched } from "./figures.ts";
import { clientEvidence, type Front, ownTime, serviceEvidence } from "./front-evidence.ts";
import { type Observed, observe, type Span } from "./observed.ts";
import { onsetOf } from "./onset.ts";
import { CLIENT, placeOfProcess, SERVICE } from "./places.ts";
import { processEvidence, starvedEvidence, within } from "./process-evidence.ts";
import { propagationOf } from "./propagation.ts";
import type { LocalisationResult, Propagation, Suspect } from "./result.ts";
import { hasStruck, truthOf } from "./truth.ts";
import { type PlaceEvidence, weigh } from "./weigh.ts";

/** A place that weighs less is as in calm traffic. */
const LEAST_SCORE = 0.05;
/** First among equals: less than any evidence weighs. */
const FIRST_BONUS = 0.02;

interface World {
  readonly observed: Observed;
  readonly series: ReadonlyMap<string, EdgeSeries>;
  /** In the order in which they were first seen: names say nothing. */
  readonly dependencies: readonly string[];
  readonly calm: ReadonlyMap<number, number>;
}

const worldOf = (observed: Observed): World => {
  const series = new Map(
    [...Map.groupBy(observed.edges, ({ edge }) => edge)].map(([edge, rows]) => [
      edge,
      new Map(rows.map((row): [number, EdgeSecond] => [row.second, row])),
    ]),
  );
  const processes = observed.processes.map(({ name }) => placeOfProcess(name));
  const dependencies = new Set([...series.keys(), ...processes]);
  dependencies.delete(CLIENT);
  dependencies.delete(SERVICE);
  return { observed, series, dependencies: [...dependencies], calm: secondsIn(observed.calm) };
};

const NO_SERIES: EdgeSeries = new Map();

/** Requests that reached the service; where that is not told, all that the client edge saw. */
const reached = ({ calls, upstreamCalls }: EdgeSecond): number => upstreamCalls ?? calls;

const callsPerRequest = (dependency: EdgeSeries, client: EdgeSeries, sides: Sides): CallsPerRequest => {
  const requests = (side: keyof Sides): number => tallyOf(client, sides[side], reached).count;
  const calls = (side: keyof Sides): number => tallyOf(dependency, sides[side], () => 0).of;
  const per = (side: keyof Sides): number => calls(side) / Math.max(1, requests(side));
  return { calm: per("calm"), fault: per("fault"), requests: requests("fault") };
};

/** A process is awaited for long where the slowest answers are later than this. */
const LONG_TIMES = 2;
const LONG_MS = 100;

const processesOf = (
  { observed, series, calm }: World,
  place: string,
  spans: readonly Span[],
): readonly Evidence[] => {
  // A process is asked at its dependency's edge; the service at the client's.
  const rows = series.get(place === SERVICE ? CLIENT : place) ?? NO_SERIES;
  const asked = new Set([...rows.values()].filter((row) => reached(row) > 0).map(({ second }) => second));
  const usualMs = median([...calm.keys()].flatMap((at) => rows.get(at)?.p95Ms ?? []));
  const awaited = new Set(
    [...rows.values()]
      .filter((row) => reached(row) > 0 && row.p95Ms > LONG_TIMES * usualMs + LONG_MS)
      .map(({ second }) => second),
  );
  const isOwn = ({ name }: { readonly name: string }): boolean => placeOfProcess(name) === place;
  const deaths = observed.deaths.filter((death) => isOwn(death) && within(spans, death.atMs));
  const byName = Map.groupBy(observed.processes.filter(isOwn), ({ name }) => name);
  const lived = [...byName].flatMap(([, samples]) =>
    processEvidence({
      calm: samples.filter(({ atMs }) => within(observed.calm, atMs)),
      fault: samples.filter(({ atMs }) => within(spans, atMs)),
      deaths: [],
      asked,
      awaited,
    }),
  );
  return [...processEvidence({ calm: [], fault: [], deaths, asked, awaited }), ...lived];
};

const starved = ({ observed }: World, spans: readonly Span[], client: EdgeFigures): readonly Evidence[] => {
  const own = observed.processes.filter(({ name }) => placeOfProcess(name) === SERVICE);
  const inside = (side: readonly Span[]): ProcessSample[] => own.filter(({ atMs }) => within(side, atMs));
  const ratio = ({ calm, fault }: Figure): number => (calm > 0 ? fault / calm : 0);
  const passed = 1 - Math.max(0, client.keptBack.fault - client.keptBack.calm);
  return starvedEvidence(
    { calm: inside(observed.calm), fault: inside(spans) },
    ratio(client.rate) * passed,
    ratio(client.upstreamMs),
  );
};

interface Looked {
  readonly places: readonly PlaceEvidence[];
  readonly propagation: readonly Propagation[];
}

/** Evidence of every place, weighed. */
const look = (world: World, spans: readonly Span[]): Looked => {
  const { series, dependencies, observed, calm } = world;
  const sides: Sides = { calm, fault: secondsIn(spans) };
  const client = series.get(CLIENT) ?? NO_SERIES;
  const clientFigures: EdgeFigures = edgeFigures(CLIENT, client, sides);
  const edges = dependencies.flatMap((edge) => {
    const own = series.get(edge);
    if (own === undefined) return [];
    return [{ figures: edgeFigures(edge, own, sides), perRequest: callsPerRequest(own, client, sides) }];
  });
  const front: Front = {
    client,
    dependencies: dependencies.map((edge) => series.get(edge) ?? NO_SERIES),
    answers: observed.answers,
    sides,
    touched: secondsTouched(spans),
  };
  const places = weigh([
    ...dependencies.map((place): PlaceEvidence => {
      const edge = edges.find(({ figures }) => figures.edge === place);
      return {
        place,
        role: "dependency",
        sinceRequestMs: edge?.figures.sinceRequestMs ?? null,
        evidence: [
          ...processesOf(world, place, spans),
          ...(edge === undefined ? [] : dependencyEvidence(edge.figures, clientFigures, edge.perRequest)),
        ],
      };
    }),
    {
      place: SERVICE,
      role: "service",
      sinceRequestMs: null,
      evidence: [
        ...processesOf(world, SERVICE, spans),
        ...starved(world, spans, clientFigures),
        ...serviceEvidence(front, clientFigures),
      ],
    },
    {
      place: CLIENT,
      role: "client",
      sinceRequestMs: null,
      evidence: clientEvidence(
        front,
        clientFigures,
        edges.map(({ figures }) => figures),
      ),
    },
  ]);
  const ownMs = ownTime(front);
  return {
    places,
    propagation: propagationOf({ client: clientFigures, dependencies: edges, ownMs, places }),
  };
};

const byStrength = (a: Evidence, b: Evidence): number => b.strength - a.strength;

/** Most suspect first. */
const rank = (world: World, places: readonly PlaceEvidence[], spans: readonly Span[]): readonly Suspect[] => {
  const { observed, series, calm } = world;
  const suspects = places
    .map(({ place, evidence }) => ({
      place,
      evidence: evidence.toSorted(byStrength),
      score: together(evidence),
      onsetMs: onsetOf({
        series: series.get(place),
        deaths: observed.deaths.filter(({ name }) => placeOfProcess(name) === place),
        calm,
        spans,
      }),
    }))
    .filter(({ score }) => score >= LEAST_SCORE);
  const onsets = suspects.flatMap(({ onsetMs }) => onsetMs ?? []).sort((a, b) => a - b);
  const [earliest, next] = onsets;
  return suspects
    .map(({ place, evidence, score, onsetMs }): Suspect => {
      const isFirst = onsetMs !== null && onsetMs === earliest && next !== undefined && onsetMs < next;
      const [top] = evidence;
      return {
        place,
        type: place === SERVICE || top?.kind === "process" ? "process" : "edge",
        score: score + (isFirst ? FIRST_BONUS : 0),
        reasons: [
          ...evidence.filter(({ strength }) => strength >= LEAST_SCORE).map(({ reason }) => reason),
          ...(isFirst ? [`first to deviate, after ${formatMs(onsetMs)}`] : []),
        ],
      };
    })
    .sort((a, b) => b.score - a.score);
};

/** A thousand times what a long run of many faults asks for; a stored file may hold what it likes. */
const MOST_WORK = 1e9;

const workOf = ({ observed, dependencies, calm }: World): number =>
  observed.experiments.length *
  ((dependencies.length + 2) * (calm.size + observed.processes.length + observed.deaths.length) +
    observed.edges.length +
    observed.answers.length);

/** One result for each experiment whose fault struck anything; empty where the run has no series. Pure. */
export const localise = (profile: Profile): readonly LocalisationResult[] => {
  if (profile.edgeSeconds.length === 0) return [];
  const world = worldOf(observe(profile));
  if (workOf(world) > MOST_WORK) return [];
  return world.observed.experiments
    .filter(({ name, spans }) => spans.length > 0 && hasStruck(profile, name))
    .map(({ name, spans }) => {
      const { places, propagation } = look(world, spans);
      const suspects = rank(world, places, spans);
      const scenario = profile.scenarios.find((each) => each.name === name);
      const truth = scenario === undefined ? [] : truthOf(scenario);
      const right = suspects[0] !== undefined && truth.includes(suspects[0].place);
      return { scenario: name, truth, suspects, right, propagation };
    });
};
