/**
 * What is left of a place's evidence when others explain it. A dependency's trouble explains the service's and the clients'; clients' load
 * and a process's death explain what follows from them; a dependency that is asked earlier explains why a later one is not asked.
 */
import { type Evidence, type EvidenceKind, scaled, together } from "./evidence.ts";

export interface PlaceEvidence {
  readonly place: string;
  readonly role: "client" | "service" | "dependency";
  /** Mean time from the client's request to the call, in calm traffic; null: no dependency, or not told. */
  readonly sinceRequestMs: number | null;
  readonly evidence: readonly Evidence[];
}

/** What explained evidence is still worth. */
const EXPLAINED = 0.2;
/** A place that weighs less explains nothing. */
const EXPLAINS = 0.1;

const of = (evidence: readonly Evidence[], ...kinds: EvidenceKind[]): readonly Evidence[] =>
  evidence.filter(({ kind }) => kinds.includes(kind));

const weaken = (
  evidence: readonly Evidence[],
  when: boolean,
  ...kinds: readonly EvidenceKind[]
): readonly Evidence[] =>
  when ? evidence.map((each) => (kinds.includes(each.kind) ? scaled(each, EXPLAINED) : each)) : evidence;

const SYMPTOMS: readonly EvidenceKind[] = [
  "failures",
  "abandoned",
  "slower",
  "faster",
  "size",
  "asked-again",
  "reconnecting",
  "missing",
  "own-time",
  "own-failures",
  "client-view",
];
/** What a dependency shows when its caller changes, and not it. */
const CALLERS_DOING: readonly EvidenceKind[] = ["abandoned", "faster", "asked-again", "missing"];
/** What only the dependency, or the way to it, can have done. */
const HARD: readonly EvidenceKind[] = ["failures", "slower", "size", "reconnecting", "process"];

const weight = (evidence: readonly Evidence[], ...kinds: readonly EvidenceKind[]): number =>
  together(of(evidence, ...kinds));

const mightExplain = (evidence: readonly Evidence[], ...kinds: readonly EvidenceKind[]): boolean =>
  weight(evidence, ...kinds) >= EXPLAINS;

/** Asked before the other, in calm traffic. */
const isEarlier = (one: PlaceEvidence, other: PlaceEvidence): boolean =>
  one.sinceRequestMs !== null && other.sinceRequestMs !== null && one.sinceRequestMs < other.sinceRequestMs;

const weighDependency = (
  own: PlaceEvidence,
  others: readonly PlaceEvidence[],
  front: { readonly load: boolean; readonly serviceFact: boolean },
): PlaceEvidence => {
  const rivals = others.filter(({ place }) => place !== own.place);
  let { evidence } = own;
  evidence = weaken(evidence, front.load, ...SYMPTOMS);
  evidence = weaken(evidence, front.serviceFact && !front.load, ...CALLERS_DOING, "reconnecting");
  const died = rivals.some((rival) => mightExplain(rival.evidence, "process"));
  evidence = weaken(evidence, died, ...SYMPTOMS);
  // Fewer or quicker calls follow from trouble at what is asked before; more of them never do.
  const earlier = rivals.some(
    (rival) =>
      isEarlier(rival, own) && mightExplain(rival.evidence, "failures", "slower", "abandoned", "missing"),
  );
  evidence = weaken(evidence, earlier && !died, "missing", "faster");
  return { ...own, evidence };
};

const weighFront = (
  own: PlaceEvidence,
  dependencies: readonly PlaceEvidence[],
  load: boolean,
  serviceFact: boolean,
): PlaceEvidence => {
  const hard = dependencies.some(({ evidence }) => mightExplain(evidence, ...HARD));
  const any = hard || dependencies.some(({ evidence }) => mightExplain(evidence, ...CALLERS_DOING));
  let { evidence } = own;
  if (own.role === "service") {
    evidence = weaken(evidence, load, "own-time", "own-failures");
    evidence = weaken(evidence, hard && !load, "own-time");
    evidence = weaken(evidence, any && !load, "own-failures");
  } else {
    evidence = weaken(evidence, any || serviceFact, "client-view");
    // A service that dies cuts its connections, and takes no more.
    evidence = weaken(evidence, serviceFact, "edge-itself");
  }
  return { ...own, evidence };
};

/** All places with what is left of their evidence. */
export const weigh = (places: readonly PlaceEvidence[]): readonly PlaceEvidence[] => {
  const load = places.some(({ role, evidence }) => role === "client" && mightExplain(evidence, "load"));
  const serviceFact = places.some(
    ({ role, evidence }) => role === "service" && weight(evidence, "process") >= 0.5,
  );
  const dependencies = places.filter(({ role }) => role === "dependency");
  const weighed = dependencies.map((own) => weighDependency(own, dependencies, { load, serviceFact }));
  return places.map((own) =>
    own.role === "dependency"
      ? (weighed.find(({ place }) => place === own.place) ?? own)
      : weighFront(own, weighed, load, serviceFact),
  );
};
