/** A profile of a changed copy: measured now and kept, or taken from what was kept before; and what its verdict comes to. */
import { mkdir } from "node:fs/promises";
import { asStored } from "../../src/config/baseline-file.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Result } from "../../src/core/verdict.ts";
import { type Measure, measure } from "../../src/surfaces/gate/measure.ts";
import type { ReadSuite } from "../../src/surfaces/gate/read-suite.ts";
import { readSamples, writeSamples } from "../../src/surfaces/gate/run-directory.ts";
import { type Change, isCareless } from "./change.ts";

export interface Measuring {
  /** Directory of its samples. */
  readonly kept: string;
  /** Nothing is measured. */
  readonly again: boolean;
  /** Makes the copy, and reads its suite. */
  readonly read: () => Promise<ReadSuite>;
  readonly runtime: string;
  readonly name: string;
  readonly diagnose?: Measure["diagnose"];
}

export const measuredOrKept = async ({
  kept,
  again,
  read,
  runtime,
  name,
  diagnose,
}: Measuring): Promise<Profile> => {
  if (again) return asStored(await readSamples(kept));
  await mkdir(kept, { recursive: true });
  const profile = await measure({
    read: await read(),
    seed: undefined,
    runtime,
    runDirectory: kept,
    provenance: { tool: "bench", branch: name },
    diagnose,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await writeSamples(kept, profile);
  return asStored(profile);
};

export const wordFor = (change: Change, { verdict: { word } }: Result): string => {
  if (!isCareless(change)) return word === "regressed" ? "FALSE ALARM" : word;
  return word === "regressed" ? "caught" : word === "inconclusive" ? "INCONCLUSIVE" : "MISSED";
};
