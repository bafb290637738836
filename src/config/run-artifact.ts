/**
 * What a run's uploaded files say. Whoever opened the pull request may have written them: the samples pass the same door as
 * every stored file, and nothing else of them decides anything.
 */
import { z } from "zod";
import { SquallError } from "../core/errors.ts";
import type { Profile } from "../core/profile.ts";
import { decodeProfile } from "./baseline-file.ts";

const SAMPLES = "samples.json.gz";
const RESULT = "result.json";

/** What the run says of itself: to be held against what is known, never believed. */
export interface ClaimedRun {
  /** 40 or 64 hexadecimal digits. */
  readonly headSha: string;
  /** "owner/name". */
  readonly repository: string;
  readonly suite: string;
}

export interface RunArtifact {
  readonly profile: Profile;
  /** Null: it says nothing, or nothing that could be true. */
  readonly claimed: ClaimedRun | null;
}

/** Far more than an honest result needs. */
const MAX_RESULT_BYTES = 8 * 1024 * 1024;

const claimSchema = z.object({
  suite: z.string().max(20_000),
  gate: z.object({
    change: z.object({
      headSha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
      repository: z.string().regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/),
    }),
  }),
});

const claimOf = (file: Buffer | undefined): ClaimedRun | null => {
  if (file === undefined || file.length > MAX_RESULT_BYTES) return null;
  let value: unknown;
  try {
    value = JSON.parse(file.toString("utf8"));
  } catch {
    return null;
  }
  const parsed = claimSchema.safeParse(value);
  if (!parsed.success) return null;
  const { suite, gate } = parsed.data;
  return { suite, headSha: gate.change.headSha, repository: gate.change.repository };
};

/**
 * Takes the samples; verdict, report and comment beside them are not looked at.
 *
 * @param files path in the artifact to content
 * @throws SquallError `artifact-invalid` where there are no samples, or none that can be read
 */
export const readRunArtifact = (files: ReadonlyMap<string, Buffer>): RunArtifact => {
  const samples = files.get(SAMPLES);
  if (samples === undefined) {
    throw new SquallError("artifact-invalid", `The artifact holds no ${SAMPLES}: nothing was measured.`, {
      place: SAMPLES,
      remedy:
        "Look at the log of the run that uploaded it: it ended before it had measured. Then run it again.",
    });
  }
  try {
    return { profile: decodeProfile(samples, { file: SAMPLES }), claimed: claimOf(files.get(RESULT)) };
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    throw new SquallError("artifact-invalid", error.message, {
      place: SAMPLES,
      detail: error.detail,
      remedy: "Run the workflow that measures again, with the same version of squall in both workflows.",
      cause: error,
    });
  }
};
