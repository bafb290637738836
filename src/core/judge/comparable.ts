import type { Profile } from "../profile.ts";

/** A change of what is measured is no failure to measure: there is nothing to compare with yet, as for a new suite. */
export const SUITE_CHANGED = "the suite has changed since it was measured";

/**
 * Why a stored run can not be compared with the head; null where it can. CPU model, core count and memory may differ:
 * stored mode is standardised within each run (METHOD 4), and a finding names the difference.
 */
export const incomparability = (head: Profile, stored: Profile): string | null => {
  if (stored.suite !== head.suite) return `another suite (${stored.suite}, not ${head.suite})`;
  const there = stored.fingerprint;
  const here = head.fingerprint;
  if (there.arch !== here.arch) return `another architecture (${there.arch}, not ${here.arch})`;
  if (there.platform !== here.platform) return `another platform (${there.platform}, not ${here.platform})`;
  if (there.runtime !== here.runtime) return `another runtime (${there.runtime}, not ${here.runtime})`;
  if (stored.suiteHash !== head.suiteHash) return SUITE_CHANGED;
  return null;
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
