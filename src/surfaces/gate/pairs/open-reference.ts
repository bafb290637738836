/** The service that a change is measured side by side with, made ready: a checkout, an image, or another command. */
import path from "node:path";
import { repositoryRoot, resolveCommit } from "../../../adapters/git/checkout.ts";
import { checkOut } from "../../../adapters/git/worktree.ts";
import { prepare } from "../../../adapters/runtimes/process/prepare.ts";
import { SquallError } from "../../../core/errors.ts";
import { plainText } from "../../../core/report/plain-text.ts";
import type { ReferenceSource, ServiceSpec, Suite } from "../../../core/suite.ts";
import type { RunOptions } from "../../../run/run-suite.ts";
import { VERSION } from "../../version.ts";
import { withBuildArguments } from "../build-arguments.ts";
import { type ReadSuite, readSuite } from "../read-suite.ts";

/** Installing what a service needs takes minutes; more than this is a mistake. */
const PREPARE_TIMEOUT_MS = 10 * 60_000;

export interface OpenReference {
  readonly source: ReferenceSource;
  /** Of the head. */
  readonly read: ReadSuite;
  /** Name of the suite file. */
  readonly file: string;
  /** The commit that the change starts from; null: nobody said. */
  readonly base: string | null;
  /** Arguments of image builds on this machine: the reference's build takes them too. */
  readonly buildArgs: readonly string[] | undefined;
  readonly runDirectory: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

export interface Reference extends AsyncDisposable {
  /** The head's, with the reference's service. */
  readonly suite: Suite;
  readonly directory: string;
  readonly provenance: RunOptions["provenance"];
}

const tool = `squall ${VERSION}`;
const nothing = async (): Promise<void> => Promise.resolve();

const commitOf = async (root: string, ref: string, base: string | null): Promise<string> => {
  if (ref === "base" && base === null)
    throw new SquallError(
      "argument-invalid",
      "The reference is the base, and nobody said where the change starts from.",
      {
        place: "reference.checkout",
        remedy: "Name it: `squall run --base main`, or `squall compare --reference main`.",
      },
    );
  const named = ref === "base" ? (base ?? ref) : ref;
  const commit = await resolveCommit(root, named);
  if (commit !== null) return commit;
  throw new SquallError("argument-invalid", `There is no commit ${plainText(named, 80)} in this checkout.`, {
    place: root,
    remedy: "Fetch it first (actions/checkout with fetch-depth: 0; git fetch origin <branch>).",
  });
};

/** What the suite file of that commit says of the service; all else is the head's, so that both meet the same. */
const openCheckout = async (
  { read, file, base, buildArgs, runDirectory, signal, progress }: OpenReference,
  source: Extract<ReferenceSource, { readonly type: "checkout" }>,
): Promise<Reference> => {
  const root = await repositoryRoot(read.directory);
  if (root === null)
    throw new SquallError("argument-invalid", "A reference by commit needs a git checkout.", {
      place: read.directory,
      remedy: "Run squall inside the repository, or name an image or a command as the reference.",
    });
  const commit = await commitOf(root, source.ref, base);
  progress(`checking the reference out at ${commit.slice(0, 12)}`);
  await using stack = new AsyncDisposableStack();
  const { directory: checkout } = stack.use(await checkOut(root, commit));
  const directory = path.join(checkout, path.relative(root, read.directory));
  if (source.prepare !== undefined) {
    progress("preparing the reference");
    await prepare({
      command: source.prepare,
      cwd: directory,
      logFile: path.join(runDirectory, "logs", "reference-prepare.log"),
      redact: read.suite.redact,
      timeoutMs: PREPARE_TIMEOUT_MS,
      signal,
    });
  }
  const there = await readSuite(path.join(directory, path.basename(file)));
  const { service } = withBuildArguments(there.suite, buildArgs);
  const owned = stack.move();
  return {
    suite: { ...read.suite, service },
    directory,
    provenance: { tool, commit, ...(source.ref === "base" ? {} : { branch: source.ref }) },
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
};

const missing = (what: string, runtime: string): SquallError =>
  new SquallError(
    "argument-invalid",
    `The suite's service has no ${what} that the reference could stand in for.`,
    {
      place: "reference",
      remedy: `Write ${what} under service (${runtime}), or choose another kind of reference.`,
    },
  );

const withService = ({ read }: OpenReference, change: Partial<ServiceSpec>, name: string): Reference => ({
  suite: { ...read.suite, service: { ...read.suite.service, ...change } },
  directory: read.directory,
  provenance: { tool, branch: name },
  [Symbol.asyncDispose]: nothing,
});

/**
 * @throws SquallError `argument-invalid` where it cannot be, `api-failed` of git, `build-failed`, `suite-not-found`,
 *   `suite-invalid`; nothing is left behind then
 */
export const openReference = async (options: OpenReference): Promise<Reference> => {
  const { source, read } = options;
  switch (source.type) {
    case "checkout":
      return openCheckout(options, source);
    case "image": {
      const { container } = read.suite.service;
      if (container === undefined) throw missing("build, image or compose", "runtime docker");
      const replaced = { ...container, source: { type: "image" as const, image: source.image } };
      return withService(options, { container: replaced }, source.image);
    }
    case "command": {
      const { process: spec } = read.suite.service;
      if (spec === undefined) throw missing("command", "runtime process");
      const replaced = { ...spec, command: source.command };
      return withService(options, { process: replaced }, source.command.join(" "));
    }
  }
};
