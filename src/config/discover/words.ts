/** What was seen of an edge, in words for a person: comments of the proposed YAML and the table's last column. */
import { formatBytes, formatSeconds } from "./figures.ts";
import type { ObservedEdge, ProbeCounts, ProbeQuestion } from "./observed.ts";
import { probeCounts, survivedShare } from "./protection.ts";

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** "100 % of requests call llm (1.3 calls a request)". */
export const trafficWords = ({ edge, requestShare, callsPerRequest, attributable }: ObservedEdge): string => {
  const about = attributable ? "" : "about ";
  const calls = Math.round(callsPerRequest * 10) / 10;
  const many = calls > 1 ? ` (${calls} calls a request)` : "";
  return `${about}${percent(requestShare)} of requests call ${edge}${many}`;
};

/** From here on a protection is said to be there, or to be missing. */
const MOSTLY = 0.9;
const HARDLY = 0.1;

const reached = ({ struck, ok, degraded }: ProbeCounts): number => Math.max(0, struck - ok - degraded);

const fellBack = ({ degraded }: ProbeCounts): string =>
  degraded === 0 ? "" : `, ${degraded} of them with a fallback`;

/** How a single failure looked, by what the edge speaks. */
const FAILURE: Readonly<Record<ObservedEdge["protocol"], string>> = { http: "503", tcp: "reset" };

const singleFailure = (counts: ProbeCounts, { protocol }: ObservedEdge): string => {
  const share = survivedShare(counts);
  const failures = `${counts.struck} single failures (${FAILURE[protocol]})`;
  const lost = `${reached(counts)} of ${failures} reached the client`;
  if (share <= HARDLY) return `${lost}: nothing tries again`;
  if (share < MOSTLY) return `${lost}: not every call is tried again`;
  return `${counts.ok + counts.degraded} of ${failures} did not reach the client${fellBack(counts)}`;
};

const hang = (counts: ProbeCounts): string => {
  const { struck, timedOut, medianMs } = counts;
  if (timedOut === 0)
    return `${struck} of ${struck} hanging calls came to an end before the client gave up${medianMs === null ? "" : ` (their requests took ${formatSeconds(medianMs)})`}`;
  return `${timedOut} of ${struck} hanging calls lasted until the client gave up: ${timedOut === struck ? "no deadline is in force" : "not every call has a deadline"}`;
};

/** A service that asks so many times as often during an outage keeps its dependency down. */
const STORM = 2.5;

const outage = (counts: ProbeCounts, { callsPerRequest }: ObservedEdge): string => {
  const share = survivedShare(counts);
  const lost = reached(counts);
  const times = callsPerRequest === 0 ? 1 : counts.callsPerRequest / callsPerRequest;
  const storm =
    times >= STORM ? `, and calls were repeated to ${Math.round(times * 10) / 10} times their number` : "";
  if (share <= HARDLY)
    return `with it down ${lost} of ${counts.struck} requests failed: there is no fallback${storm}`;
  if (share < MOSTLY) return `with it down ${lost} of ${counts.struck} requests failed${storm}`;
  return `with it down ${counts.ok + counts.degraded} of ${counts.struck} requests were answered all the same${fellBack(counts)}${storm}`;
};

const retryAfter = ({ struck, timedOut, medianMs }: ProbeCounts): string =>
  timedOut > 0
    ? `told to come back in 10 minutes, ${timedOut} of ${struck} requests waited until the client gave up: Retry-After is obeyed without a cap`
    : `told to come back in 10 minutes, no request waited for it${medianMs === null ? "" : ` (they took ${formatSeconds(medianMs)})`}`;

const ASKED: Readonly<Record<ProbeQuestion, string>> = {
  "single-failure": "whether a single failure reaches the client",
  outage: "whether there is a fallback",
  hang: "whether a deadline is in force",
  "retry-after": "whether Retry-After has a cap",
};

/** What a probe found out, or why it did not. */
export const probeWords = (edge: ObservedEdge, question: ProbeQuestion): string => {
  const counts = probeCounts(edge, question);
  if (counts !== null) {
    switch (question) {
      case "single-failure":
        return singleFailure(counts, edge);
      case "outage":
        return outage(counts, edge);
      case "hang":
        return hang(counts);
      case "retry-after":
        return retryAfter(counts);
    }
  }
  const probe = edge.probes.find((each) => each.question === question);
  const why = probe?.state === "not-asked" ? probe.why : "the probe struck no request";
  return `${ASKED[question]} is not known: ${why}`;
};

/** "its calls take 41 ms (p95 60 ms)". */
export const latencyWords = ({ p50Ms, p95Ms }: ObservedEdge): string =>
  `its calls take ${formatSeconds(p50Ms)} (p95 ${formatSeconds(p95Ms)})`;

export const sizeWords = ({ medianBytesDown }: ObservedEdge): string =>
  `its answers have ${formatBytes(medianBytesDown)}`;
