/** What every mode works with: who asks for what, on which change, and the doors to where the code lives. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import * as core from "@actions/core";
import { repositoryRoot, resolveCommit } from "../../adapters/git/checkout.ts";
import { forgeAncestry } from "../../adapters/github/ancestry.ts";
import { connectForge, type Forge } from "../../adapters/github/forge.ts";
import {
  findPullRequest,
  parentsOf,
  readPullRequest,
  readRepository,
  resolveRef,
} from "../../adapters/github/pull-requests.ts";
import { forgeSourceFiles } from "../../adapters/github/source-files.ts";
import { type EventFacts, readEvent } from "../../config/action/event.ts";
import { type ActionInputs, INPUT_NAMES, parseActionInputs } from "../../config/action/inputs.ts";
import type { Change } from "../../core/change.ts";
import { SquallError } from "../../core/errors.ts";
import type { Ancestry, SourceFiles } from "../../run/forge.ts";
import { Notices } from "./notices.ts";
import { resolveChange } from "./resolve-change.ts";
import { type Taken, takeSecrets } from "./secrets.ts";

export interface Session {
  readonly inputs: ActionInputs;
  readonly change: Change;
  readonly forge: Forge;
  readonly ancestry: Ancestry;
  readonly files: SourceFiles;
  readonly notices: Notices;
  /** Absolute. */
  readonly workspace: string;
  /** The suite file: absolute, and as the repository names it (with `/`). */
  readonly suiteFile: string;
  readonly suitePath: string;
  /** Page of this run. */
  readonly runUrl: string | undefined;
  /** The job's secrets, no longer in the environment. */
  readonly taken: Taken;
  /** Set as soon as the suite is read: whose report an error belongs to. */
  readonly subject: { suite: string | null };
}

const readInputs = (): ActionInputs => {
  const inputs = parseActionInputs(
    Object.fromEntries(INPUT_NAMES.map((name) => [name, core.getInput(name, { trimWhitespace: true })])),
  );
  if (inputs.token !== "") core.setSecret(inputs.token);
  return inputs;
};

/** The payload as the runner wrote it. The toolkit reads it while it is loaded, so a broken file shows here. */
const readFacts = async (env: NodeJS.ProcessEnv): Promise<EventFacts> => {
  let payload: unknown;
  try {
    const { context } = await import("@actions/github");
    payload = context.payload;
  } catch (cause) {
    throw new SquallError(
      "event-unsupported",
      `The event file cannot be read: ${(cause as Error).message}.`,
      {
        place: "GITHUB_EVENT_PATH",
        remedy: "Run squall as a step of a workflow; outside of one use the command line.",
        cause,
      },
    );
  }
  return readEvent({ eventName: env["GITHUB_EVENT_NAME"] ?? "", payload, env });
};

const runUrlOf = (env: NodeJS.ProcessEnv): string | undefined => {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server === undefined || repository === undefined || run === undefined) return undefined;
  return `${server}/${repository}/actions/runs/${run}`;
};

const resolve = async (
  facts: EventFacts,
  inputs: ActionInputs,
  forge: Forge,
  workspace: string,
): Promise<Change> =>
  resolveChange(facts, {
    parents: async (commit) => parentsOf(forge, commit),
    defaultBranch: async () => (await readRepository(forge)).defaultBranch,
    findPullRequest: async (question) => findPullRequest(forge, question),
    readPullRequest: async (number) => readPullRequest(forge, number),
    resolve: async (reference) => resolveRef(forge, reference),
    // In `workflow_run` the checkout is the default branch's: it says nothing about the head.
    checkedOut: facts.event === "workflow_run" ? null : await resolveCommit(workspace, "HEAD"),
    reference: inputs.reference,
  });

/**
 * Reads the step's inputs and event, takes its secrets out of the environment, and finds out what is compared with what.
 *
 * @throws SquallError `argument-invalid`, `event-unsupported`, `api-refused`, `api-failed`
 */
export const openSession = async (env: NodeJS.ProcessEnv): Promise<Session> => {
  const inputs = readInputs();
  const facts = await readFacts(env);
  const taken = takeSecrets(env);
  const workspace = await realpath(env["GITHUB_WORKSPACE"] ?? process.cwd());
  const forge = connectForge({
    token: inputs.token,
    apiUrl: env["GITHUB_API_URL"] ?? "https://api.github.com",
    repository: facts.repository,
    log: (line) => core.debug(line),
  });
  const suiteFile = path.resolve(workspace, inputs.suite);
  const root = (await repositoryRoot(path.dirname(suiteFile))) ?? workspace;
  return {
    inputs,
    change: await resolve(facts, inputs, forge, workspace),
    forge,
    ancestry: forgeAncestry(forge),
    files: forgeSourceFiles(forge),
    notices: new Notices(),
    workspace,
    suiteFile,
    suitePath: path.relative(root, suiteFile).split(path.sep).join("/"),
    runUrl: runUrlOf(env),
    taken,
    subject: { suite: null },
  };
};
