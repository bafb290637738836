/** The git command line, without a shell, with a limit on time and output. */
import { execFile } from "node:child_process";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";

const TIMEOUT_MS = 30_000;
/** As much as GitHub serves of one file. */
const MOST_BYTES = 100 * 1024 * 1024;

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * `directory` alone says which repository is meant: in a hook these variables name another. Paths are taken as they are
 * written, never as patterns; and git asks nobody for a password.
 */
const environment = (): NodeJS.ProcessEnv => {
  const {
    GIT_DIR: _directory,
    GIT_WORK_TREE: _workTree,
    GIT_INDEX_FILE: _index,
    GIT_PREFIX: _prefix,
    GIT_COMMON_DIR: _common,
    ...rest
  } = process.env;
  return {
    ...rest,
    GIT_LITERAL_PATHSPECS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
};

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/dubious ownership/, "Run `git config --global --add safe.directory <the checkout>` as this user."],
  [/not a git repository/, "Run squall inside a git checkout (in a workflow: after actions/checkout)."],
];

/** There is no git on this machine, or not even the folder. */
export const isWithoutGit = (error: unknown): boolean =>
  error instanceof SquallError &&
  error.cause instanceof Error &&
  "code" in error.cause &&
  error.cause.code === "ENOENT";

/** git's own last words, with what to do about them. */
export const gitFailed = (doing: string, directory: string, said: string, cause?: unknown): SquallError =>
  new SquallError("api-failed", `git could not ${doing}: ${plainText(said, 300) || "no reason given"}`, {
    place: directory,
    remedy:
      REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ??
      "See the reason, and try the same with git by hand.",
    cause,
  });

/**
 * Runs git in `directory`. Every argument that came from outside must have been checked by the caller: git takes whatever
 * begins with a dash for an option.
 *
 * @param doing what for, in words ("read squall.yml")
 * @param timeoutMs git is ended after this long
 * @returns whatever git answered by itself, also with an exit code other than 0
 * @throws SquallError `api-failed` where there is no git, or it did not end in time
 */
export const git = async (
  directory: string,
  doing: string,
  args: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<GitAnswer> =>
  new Promise((resolve, reject) => {
    execFile(
      "git",
      args,
      { cwd: directory, encoding: "buffer", env: environment(), timeout: timeoutMs, maxBuffer: MOST_BYTES },
      (error, stdout, stderr) => {
        const said = stderr.toString("utf8");
        const exitCode = error === null ? 0 : error.code;
        // Whatever was asked, git did not look.
        if (said.includes("dubious ownership")) reject(gitFailed(doing, directory, said, error));
        else if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr: said });
        else if (String(exitCode) === "ENOENT") {
          reject(
            new SquallError(
              "api-failed",
              `git could not ${doing}: there is no git here, or no ${directory}.`,
              {
                place: directory,
                remedy: "Install git, and make sure that the checkout is there.",
                cause: error,
              },
            ),
          );
        } else if (String(exitCode) === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
          reject(gitFailed(doing, directory, `the answer is larger than ${MOST_BYTES} bytes`, error));
        } else if (error?.killed === true) {
          reject(gitFailed(doing, directory, `no answer in ${timeoutMs / 1000} s`, error));
        } else reject(gitFailed(doing, directory, said || String(exitCode ?? error?.signal), error));
      },
    );
  });

/** As `git`, where anything but 0 is a failure. */
export const gitText = async (directory: string, doing: string, args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await git(directory, doing, args);
  if (exitCode !== 0) throw gitFailed(doing, directory, stderr || `exit code ${exitCode}`);
  return stdout.toString("utf8").trim();
};
