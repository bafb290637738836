/** A data branch in a real bare repository, to arrange and to look at. */
import { SquallError } from "../../../src/core/errors.ts";
import type { GitData } from "../../../src/run/forge.ts";
import { gitData } from "./git-data.ts";
import { freshRepository } from "./repository.ts";

export interface OpenBranch extends AsyncDisposable {
  readonly git: GitData;
  /** Path to content. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
  /** Writes files as a person would; null removes one. */
  write(changes: Readonly<Record<string, string | Buffer | null>>): Promise<void>;
  /** Messages, newest first. */
  log(): Promise<readonly string[]>;
}

export const openBranch = async (name: string): Promise<OpenBranch> => {
  const repository = await freshRepository({ bare: true });
  const git = gitData(repository.directory);
  return {
    git,
    files: async () => {
      const head = await git.branch(name);
      const entries = head === null ? [] : await git.files(head.tree);
      return new Map(
        await Promise.all(
          entries.map(async ({ path, blob }): Promise<[string, Buffer]> => [path, await git.readBlob(blob)]),
        ),
      );
    },
    write: async (changes) => {
      const head = await git.branch(name);
      const blobs = new Map<string, string | null>();
      for (const [path, content] of Object.entries(changes)) {
        blobs.set(path, content === null ? null : await git.writeBlob(Buffer.from(content)));
      }
      const tree = await git.writeTree(head?.tree ?? null, blobs);
      const commit = await git.writeCommit({ message: "By hand", tree, parent: head?.commit ?? null });
      await git.moveBranch(name, head?.commit ?? null, commit);
    },
    log: async () => (await repository.git("log", "--format=%s", name)).split("\n"),
    [Symbol.asyncDispose]: async () => repository[Symbol.asyncDispose](),
  };
};

export const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof SquallError) return error;
  throw error instanceof Error ? error : new Error("nothing was refused");
};
