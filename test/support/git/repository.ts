/** Real repositories in temporary folders, made with the git command line. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const SOMEBODY = {
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.invalid",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.invalid",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
}

/** What git wrote to standard output; throws with what it wrote to standard error. */
export const runGit = async (
  directory: string,
  args: readonly string[],
  { input, env }: GitOptions = {},
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      args,
      {
        cwd: directory,
        encoding: "buffer",
        env: { ...process.env, ...SOMEBODY, ...env },
        maxBuffer: 1 << 28,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`git ${args.join(" ")}: ${String(stderr)}`, { cause: error }));
      },
    );
    // Git may refuse before it has read all: its own words tell more than a broken pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });

export interface Repository extends AsyncDisposable {
  readonly directory: string;
  git(...args: readonly string[]): Promise<string>;
  /** Writes the files and commits them on the current branch. @returns the commit's id */
  commit(message: string, files?: Readonly<Record<string, string | Buffer>>): Promise<string>;
}

const repositoryIn = (directory: string): Repository => {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await runGit(directory, args)).toString("utf8").trim();
  return {
    directory,
    git,
    commit: async (message, files = {}) => {
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(directory, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, content);
        await runGit(directory, ["add", "-f", "--", name], { env: { GIT_LITERAL_PATHSPECS: "1" } });
      }
      await git("commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true, force: true }),
  };
};

const freshFolder = async (): Promise<string> => realpath(await mkdtemp(path.join(tmpdir(), "squall-git-")));

/** An empty repository with branch main. */
export const freshRepository = async (options: { readonly bare?: boolean } = {}): Promise<Repository> => {
  const repository = repositoryIn(await freshFolder());
  await repository.git("init", "-q", "-b", "main", ...(options.bare === true ? ["--bare"] : []));
  return repository;
};

/** A clone over the file transport, which takes `--depth`. */
export const cloneOf = async (from: Repository, ...args: readonly string[]): Promise<Repository> => {
  const repository = repositoryIn(await freshFolder());
  await repository.git("clone", "-q", ...args, `file://${from.directory}`, ".");
  return repository;
};
