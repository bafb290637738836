/** Rules of a fixed factor or limit: what benchmark actions and load-test thresholds do. */
import { quantileOf } from "../../src/core/statistics/quantile.ts";
import { againstNewest, mean, type Peer } from "./peer.ts";

/** benchmark-action/github-action-benchmark: fails where a value is worse than `alert-threshold` of the last one; 200 % by default. */
const ratio = (percent: number): Peer => ({
  name: `ratio ${percent} %`,
  fails: (head, baselines) =>
    againstNewest(
      head,
      baselines,
      (now, then) =>
        mean(now.latenciesMs) > (percent / 100) * mean(then.latenciesMs) ||
        (then.errorRate > 0 && now.errorRate > (percent / 100) * then.errorRate),
    ),
});

const P95_TIMES = 1.3;

/** k6, Artillery, Gatling: a limit on p95, set once with some room. */
const p95Limit: Peer = {
  name: "p95 < 1.3x",
  fails: (head, baselines) =>
    againstNewest(
      head,
      baselines,
      (now, then) =>
        now.latenciesMs.length > 0 &&
        then.latenciesMs.length > 0 &&
        quantileOf(now.latenciesMs, 0.95) > P95_TIMES * quantileOf(then.latenciesMs, 0.95),
    ),
};

/** A limit on errors: one point more than before. */
const errorsPlusOne: Peer = {
  name: "errors + 1 point",
  fails: (head, baselines) =>
    againstNewest(head, baselines, (now, then) => now.errorRate > then.errorRate + 0.01),
};

export const THRESHOLDS: readonly Peer[] = [ratio(200), ratio(110), p95Limit, errorsPlusOne];
