/**
 * Baselines as artifacts of the default branch's runs: nothing is written to the repository, at the price of an end (artifacts
 * expire) and of races: of two runs that add at once, the last upload counts, and the other's run is not in it.
 */
import { encodeBaseline } from "../../config/baseline-file.ts";
import { MAX_PACKED_BYTES } from "../../config/stored/envelope.ts";
import { SquallError } from "../../core/errors.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { BaselineStore } from "../../run/baseline-store.ts";
import type { ArtifactShelf, StoredArtifact } from "../../run/forge.ts";
import { baselineFileName, checkSuite, chosenOf, pooled, unpackBaseline } from "./packed-baseline.ts";

/** A stranger's pull requests may upload any number of artifacts of this name; none of them is looked into. */
const MOST_LOOKED_AT = 2000;

export interface ArtifactStoreOptions {
  readonly shelf: ArtifactShelf;
  /** Name of the artifact that holds a suite's baseline. */
  readonly name: (suite: string) => string;
  readonly defaultBranch: string;
  /** Whether the run that uploaded it ended well; absent: every one did. */
  readonly wasGood?: (runId: number) => Promise<boolean>;
  /** Uploads the file, under `baselineFileName(suite)` in the artifact `name(suite)`. */
  readonly upload: (suite: string, file: Buffer) => Promise<void>;
}

export const artifactBaselineStore = (options: ArtifactStoreOptions): BaselineStore => {
  const { shelf, defaultBranch } = options;
  const place = `artifacts of ${defaultBranch}`;

  /** Only of this very repository's default branch: a fork's branch may have its name. */
  const isTrusted = async ({ expired, run }: StoredArtifact): Promise<boolean> =>
    !expired &&
    run !== null &&
    run.own &&
    run.headBranch === defaultBranch &&
    (options.wasGood === undefined || (await options.wasGood(run.id)));

  const newest = async (name: string): Promise<StoredArtifact | null> => {
    let looked = 0;
    for await (const artifact of shelf.list({ name })) {
      if (artifact.name === name && (await isTrusted(artifact))) return artifact;
      // Not "there is none": whoever floods the list would do away with the baseline.
      if (++looked >= MOST_LOOKED_AT) {
        throw new SquallError(
          "api-failed",
          `None of the newest ${looked} artifacts ${name} is of ${defaultBranch}.`,
          {
            place: name,
            remedy:
              "Delete artifacts of that name that are not the default branch's, or keep baselines on a branch.",
          },
        );
      }
    }
    return null;
  };

  const stored = async (suite: string): Promise<Baseline | null> => {
    const name = options.name(suite);
    const artifact = await newest(name);
    if (artifact === null) return null;
    const files = await shelf.download(artifact, { maxFiles: 4, maxBytes: MAX_PACKED_BYTES });
    const file = baselineFileName(suite);
    const content = files.get(file);
    if (content !== undefined) return unpackBaseline(content, `${file} in artifact ${name}`, suite);
    throw new SquallError("baseline-invalid", `Artifact ${name} (${artifact.id}) holds no ${file}.`, {
      place: name,
      remedy: "Delete that artifact; the next run on the default branch uploads a new one.",
    });
  };

  return {
    place,
    read: async (suite, choose) => chosenOf(await stored(suite), choose),
    append: async (suite: string, profile: Profile, keep: number): Promise<Baseline> => {
      checkSuite(suite, profile);
      const content = encodeBaseline(pooled(await stored(suite), profile, keep));
      await options.upload(suite, content);
      return unpackBaseline(content, baselineFileName(suite), suite);
    },
  };
};
