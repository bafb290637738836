import type { Profile } from "../profile.ts";

/**
 * `another-suite`, `another-place`: the run has nothing to do with the head's, and comparing them was a mistake.
 * `changed-suite`: what is measured was changed since, which is no failure to measure: there is nothing to compare with
 * yet, as for a new suite.
 */
export type IncomparableKind = "another-suite" | "another-place" | "changed-suite";

/**
 * What of a stored run can be compared with the head: all of it (one suite), those scenarios that are still the same (one
 * frame, other experiments), or nothing.
 */
export type Comparability =
  | { readonly kind: "whole" }
  | { readonly kind: "by-scenario" }
  | { readonly kind: IncomparableKind; readonly reason: string };

const bySuite = (head: Profile, stored: Profile): Comparability => {
  if (stored.suiteHash === head.suiteHash) return { kind: "whole" };
  const framesKnown = stored.frameHash !== "" && head.frameHash !== "";
  if (framesKnown && stored.frameHash === head.frameHash) return { kind: "by-scenario" };
  return {
    kind: "changed-suite",
    reason: framesKnown
      ? "the request set, load or dependencies have changed since it was measured"
      : "the suite has changed since it was measured",
  };
};

/**
 * CPU model, core count and memory may differ: stored mode is standardised within each run (METHOD 4), and a finding names
 * the difference.
 */
export const comparability = (head: Profile, stored: Profile): Comparability => {
  if (stored.suite !== head.suite)
    return { kind: "another-suite", reason: `another suite (${stored.suite}, not ${head.suite})` };
  const there = stored.fingerprint;
  const here = head.fingerprint;
  const place = (reason: string): Comparability => ({ kind: "another-place", reason });
  if (there.arch !== here.arch) return place(`another architecture (${there.arch}, not ${here.arch})`);
  if (there.platform !== here.platform)
    return place(`another platform (${there.platform}, not ${here.platform})`);
  if (there.runtime !== here.runtime) return place(`another runtime (${there.runtime}, not ${here.runtime})`);
  return bySuite(head, stored);
};

/** What differs between machines without making runs incomparable, in words; empty where they are alike. */
export const machineDifferences = (head: Profile, stored: Profile): readonly string[] => {
  const there = stored.fingerprint;
  const here = head.fingerprint;
  const differences: string[] = [];
  if (there.cpuModel !== here.cpuModel) differences.push(`CPU ${there.cpuModel} -> ${here.cpuModel}`);
  if (there.cpus !== here.cpus) differences.push(`${there.cpus} -> ${here.cpus} CPUs`);
  const ratio = here.memoryBytes / there.memoryBytes;
  if (ratio < 0.8 || ratio > 1.25) {
    const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
    differences.push(`${gib(there.memoryBytes)} -> ${gib(here.memoryBytes)} GiB of memory`);
  }
  if (there.node.split(".")[0] !== here.node.split(".")[0])
    differences.push(`Node ${there.node} -> ${here.node}`);
  return differences;
};
