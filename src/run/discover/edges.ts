/** What the sidecar's records of a calm window say of each dependency's edge. */
import { isModel, pathTemplate, shapeOfPath } from "../../config/discover/edge-shape.ts";
import type { EdgeShape, ObservedEdge } from "../../config/discover/observed.ts";
import { rolesOf } from "../../config/packs/pack.ts";
import type { ExchangeRecord } from "../../core/exchange.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { ActiveAnswer } from "../../core/sidecar-protocol.ts";
import type { DependencySpec } from "../../core/suite.ts";

/** Observed before any probe. */
export type CalmEdge = Omit<ObservedEdge, "probes">;

export interface CalmTraffic {
  readonly records: readonly ExchangeRecord[];
  /** Client requests of the window, by key. */
  readonly requestKeys: ReadonlySet<string>;
  /** Edges on which it is known whose call is whose. */
  readonly attributable: ReadonlySet<string>;
  readonly before: Counted;
  readonly after: Counted;
}

type Counted = Pick<ActiveAnswer, "begun" | "accepted">;

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
};

/** Pieces that come so far apart are no accident of the network. */
const STREAM_SPREAD_MS = 8;
const STREAM_SPREAD_SHARE = 0.1;

/** Does most of the answer come long after its first byte? */
const streams = (records: readonly ExchangeRecord[]): boolean => {
  const whole = records.filter(({ firstByteMs, end }) => firstByteMs !== null && end === "complete");
  const spreads = whole.map(({ firstByteMs, endedMs }) => endedMs - (firstByteMs ?? endedMs));
  const spread = quantile(spreads, 0.5);
  const took = quantile(
    whole.map(({ startedMs, endedMs }) => endedMs - startedMs),
    0.5,
  );
  return spread >= STREAM_SPREAD_MS && spread >= STREAM_SPREAD_SHARE * took;
};

const LONGEST_QUESTION = 80;

interface TopQuestion {
  /** To be shown. */
  readonly text: string;
  /** One of its paths, as it was asked. */
  readonly path: string;
}

/** The most frequent method and path. A path may hold anything, so what is shown of it is cleaned and cut. */
const topQuestion = (records: readonly ExchangeRecord[]): TopQuestion => {
  const groups = Map.groupBy(records, ({ method, path }) => `${method} ${pathTemplate(path)}`);
  const [top] = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  return { text: plainText(top?.[0] ?? "", LONGEST_QUESTION), path: top?.[1][0]?.path ?? "" };
};

const shapeOf = (spec: DependencySpec, { path }: TopQuestion): EdgeShape => {
  if (spec.protocol === "tcp") return "tcp";
  const byPath = shapeOfPath(path);
  if (byPath !== "http") return byPath;
  if (spec.source.type === "stub") return spec.source.stub.shape;
  const roles = rolesOf(spec);
  if (roles.includes("model")) return "model";
  return roles.includes("vector") ? "search" : "http";
};

const isFailed = ({ status, end }: ExchangeRecord): boolean => status >= 400 || end !== "complete";

/** Calls that no client request made are left out, where whose is whose is known. */
export const callsOf = (
  records: readonly ExchangeRecord[],
  edge: string,
  attributable: boolean,
  keys: ReadonlySet<string>,
): readonly ExchangeRecord[] =>
  records.filter(
    (record) =>
      record.edge === edge && (!attributable || (record.requestKey !== null && keys.has(record.requestKey))),
  );

const perConnection = (name: string, { before, after }: CalmTraffic): number => {
  const begun = (after.begun[name] ?? 0) - (before.begun[name] ?? 0);
  const accepted = (after.accepted[name] ?? 0) - (before.accepted[name] ?? 0);
  return begun / Math.max(1, accepted);
};

/** @returns null where no client request called it */
export const calmEdge = (spec: DependencySpec, traffic: CalmTraffic): CalmEdge | null => {
  const { name, protocol } = spec;
  const attributable = protocol === "http" && traffic.attributable.has(name);
  const calls = callsOf(traffic.records, name, attributable, traffic.requestKeys);
  if (calls.length === 0) return null;
  const requests = Math.max(1, traffic.requestKeys.size);
  const callers = new Set(calls.map(({ requestKey }) => requestKey));
  const took = calls.map(({ startedMs, endedMs }) => endedMs - startedMs);
  const question = topQuestion(calls);
  const shape = shapeOf(spec, question);
  return {
    edge: name,
    protocol,
    source: spec.source.type,
    shape,
    question: protocol === "tcp" ? "" : question.text,
    calls: calls.length,
    callsPerRequest: calls.length / requests,
    requestShare: Math.min(1, (attributable ? callers.size : calls.length) / requests),
    attributable,
    p50Ms: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    // Elsewhere a slow transfer looks the same.
    streams: isModel(shape) && streams(calls),
    medianBytesDown: quantile(
      calls.map(({ bytesDown }) => bytesDown),
      0.5,
    ),
    callsPerConnection: protocol === "http" ? perConnection(name, traffic) : null,
    failed: protocol === "http" ? calls.filter(isFailed).length : 0,
  };
};
