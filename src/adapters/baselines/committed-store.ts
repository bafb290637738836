/** The file store's file as it is at a commit: with the base's commit, a pull request cannot bring its own baseline. */
import path from "node:path/posix";
import { SquallError } from "../../core/errors.ts";
import type { BaselineStore } from "../../run/baseline-store.ts";
import type { SourceFiles } from "../../run/forge.ts";
import { baselineFileName, chosenOf, unpackBaseline } from "./packed-baseline.ts";

export interface CommittedStoreOptions {
  readonly files: SourceFiles;
  readonly commit: string;
  /** Relative to the repository's root, with `/`. */
  readonly directory: string;
}

/** Reads only: what is committed is written by a commit. */
export const committedBaselineStore = ({
  files,
  commit,
  directory,
}: CommittedStoreOptions): BaselineStore => {
  const place = `${directory} at ${commit.slice(0, 12)}`;
  return {
    place,
    read: async (suite, choose) => {
      const file = path.join(directory, baselineFileName(suite));
      const content = await files.read(file, commit);
      if (content === null) return null;
      return chosenOf(unpackBaseline(content, `${file} at ${commit.slice(0, 12)}`, suite), choose);
    },
    append: async () => {
      throw new SquallError("argument-invalid", `A baseline cannot be added to ${place}: it is a commit.`, {
        place,
        remedy: `Measure on the default branch with \`squall baseline --baseline ${directory}\`, and commit the file.`,
      });
    },
  };
};
