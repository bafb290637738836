/** Bodies of PUT /remedies and PUT /upstreams (core/sidecar-protocol.ts). */
import { EDGE_REMEDY_KINDS, type EdgeRemedyKind, type PlacedEdgeRemedy } from "../../core/remedy/remedy.ts";
import type { RemedyState, UpstreamChange } from "../../core/sidecar-protocol.ts";
import { array, BodyProblem, type Json, MAX_DEADLINE_MS, object, string, within } from "../control-bodies.ts";

const MAX_REMEDIES = 100;
const MAX_ADDRESSES = 1_000;

/** Whole numbers from `least` to `most`, or (ms) any. */
interface Limits {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}

const WAIT: Limits = { least: 0, most: MAX_DEADLINE_MS };
const SPAN: Limits = { least: 0.001, most: MAX_DEADLINE_MS };

/** Every parameter of every remedy. */
const PARAMETERS: { readonly [K in EdgeRemedyKind]: Readonly<Record<string, Limits>> } = {
  retry: { attempts: { least: 1, most: 100, whole: true }, backoffMs: WAIT },
  deadline: { afterMs: SPAN },
  hedge: { afterMs: WAIT },
  "retry-after-cap": { mostMs: { ...WAIT, whole: true } },
  "circuit-breaker": { failures: { least: 1, most: 1_000_000, whole: true }, openMs: SPAN },
  cache: { forMs: SPAN, entries: { least: 1, most: 100_000, whole: true } },
};

interface NamedEdge {
  readonly name: string;
  readonly protocol: "http" | "tcp";
}

const isKind = (kind: string): kind is EdgeRemedyKind =>
  (EDGE_REMEDY_KINDS as readonly string[]).includes(kind);

const amount = (value: unknown, at: string, { least, most, whole }: Limits): number => {
  const fits = typeof value === "number" && value >= least && value <= most;
  if (fits && (whole !== true || Number.isInteger(value))) return value;
  const what = whole === true ? "a whole number" : "a number";
  throw new BodyProblem(`${at}: must be ${what} from ${least} to ${most}`);
};

const knownEdge = (name: string, at: string, edges: readonly NamedEdge[]): NamedEdge => {
  const edge = edges.find((each) => each.name === name);
  if (edge !== undefined) return edge;
  throw new BodyProblem(`${at}: no edge "${name}" (edges: ${edges.map((each) => each.name).join(", ")})`);
};

const placedRemedy = (item: unknown, at: string, edges: readonly NamedEdge[]): PlacedEdgeRemedy => {
  const given: Json = object(item, at);
  const kind = string(given["kind"], `${at}.kind`);
  if (!isKind(kind)) throw new BodyProblem(`${at}.kind: the sidecar has no remedy "${kind}"`);
  const edge = knownEdge(string(given["on"], `${at}.on`), `${at}.on`, edges);
  if (edge.protocol === "tcp") {
    throw new BodyProblem(`${at}.on: a remedy needs an http edge, "${edge.name}" relays bytes unread`);
  }
  const parameters = Object.entries(PARAMETERS[kind]).map(([name, limits]): [string, number] => [
    name,
    amount(given[name], `${at}.${name}`, limits),
  ]);
  // The table names every parameter of the kind.
  return { on: edge.name, kind, ...Object.fromEntries(parameters) } as unknown as PlacedEdgeRemedy;
};

export const parseRemedies = (body: unknown, edges: readonly NamedEdge[]): RemedyState => {
  const state = object(body, "body");
  const remedies = array(state["remedies"], "remedies");
  if (remedies.length > MAX_REMEDIES) throw new BodyProblem(`remedies: more than ${MAX_REMEDIES}`);
  return {
    remedies: remedies.map((item, index) => placedRemedy(item, `remedies[${index}]`, edges)),
    deadlineMs: within(state["deadlineMs"], "deadlineMs", MAX_DEADLINE_MS),
  };
};

/** @param edges with whether their upstream is of type `addresses`, the only one that can be changed */
export const parseUpstreamChange = (
  body: unknown,
  edges: readonly (NamedEdge & { readonly hasAddresses: boolean })[],
): UpstreamChange => {
  const change = object(body, "body");
  const { name } = knownEdge(string(change["edge"], "edge"), "edge", edges);
  if (edges.find((each) => each.name === name)?.hasAddresses !== true) {
    throw new BodyProblem(`edge: the upstream of "${name}" is no list of addresses`);
  }
  const addresses = array(change["addresses"], "addresses");
  if (addresses.length === 0 || addresses.length > MAX_ADDRESSES) {
    throw new BodyProblem(`addresses: must have from 1 to ${MAX_ADDRESSES}`);
  }
  return {
    edge: name,
    addresses: addresses.map((item, index) => {
      const at = `addresses[${index}]`;
      const address = object(item, at);
      const host = string(address["host"], `${at}.host`);
      if (host === "" || host.length > 253) throw new BodyProblem(`${at}.host: must be a name or an address`);
      return { host, port: amount(address["port"], `${at}.port`, { least: 1, most: 65_535, whole: true }) };
    }),
  };
};
