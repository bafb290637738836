/** The only door for event payloads: what GitHub wrote, and what a stranger may have chosen (branch names, titles, whole forks). */
import { z } from "zod";
import { SquallError } from "../../core/errors.ts";
import { quoted } from "../problems.ts";
import { isBranchName } from "./branch-name.ts";

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "is no commit");
/**
 * What git or a terminal could misread is null: it is never given to git or shown as a branch, and does not keep a change from
 * being measured.
 */
const branch = z.string().refine(isBranchName).nullable().catch(null);
const fullName = z
  .string()
  .regex(/^(?!\.{1,2}\/)[\w.-]{1,100}\/(?!\.{1,2}$)[\w.-]{1,100}$/, "is no owner/name");
const number = z.int().positive();

const repository = z.object({ id: number.optional(), full_name: fullName, default_branch: branch });
/** Of a deleted fork there is no repository left. */
const end = z.object({ sha, ref: branch, repo: z.object({ full_name: fullName }).nullish() });

const payloads = {
  pull_request: z.object({
    pull_request: z.object({ number, head: end, base: end }),
    repository,
  }),
  push: z.object({
    before: sha,
    after: sha,
    ref: z.string().max(1000),
    deleted: z.boolean().optional(),
    repository,
  }),
  merge_group: z.object({
    merge_group: z.object({
      head_sha: sha,
      base_sha: sha,
      head_ref: z.string().max(1000),
      base_ref: z.string().max(1000),
    }),
    repository,
  }),
  workflow_dispatch: z.object({ repository }),
  schedule: z.object({ repository: repository.optional() }),
  workflow_run: z.object({
    workflow_run: z.object({
      id: number,
      run_attempt: number.optional(),
      head_sha: sha,
      head_branch: branch,
      head_repository: z.object({ full_name: fullName }).nullish(),
      event: z.string().max(100),
      conclusion: z.string().max(100).nullish(),
      pull_requests: z
        .array(
          z.object({ number, head: z.object({ sha }), base: z.object({ repo: z.object({ id: number }) }) }),
        )
        .max(1000)
        .optional(),
    }),
    repository,
  }),
} as const;

export type SupportedEvent = keyof typeof payloads;
const SUPPORTED = Object.keys(payloads) as SupportedEvent[];

interface Common {
  /** "owner/name". */
  readonly repository: string;
  /** Null: the payload does not say. */
  readonly defaultBranch: string | null;
  readonly run: { readonly id: number; readonly attempt: number };
  /** GITHUB_SHA: of a pull request the merge commit. */
  readonly githubSha: string;
  /** Branch of GITHUB_REF; null: a tag, or no branch. */
  readonly branch: string | null;
}

export type EventFacts = Common &
  (
    | {
        readonly event: "pull_request";
        readonly pullRequest: {
          readonly number: number;
          readonly headSha: string;
          readonly headBranch: string | null;
          /** Null: the fork was deleted. */
          readonly headRepository: string | null;
          readonly baseBranch: string | null;
          /** May be stale: the base as it was when the pull request was last changed. */
          readonly baseSha: string;
        };
      }
    | { readonly event: "push"; readonly before: string | null; readonly after: string }
    | {
        readonly event: "merge_group";
        readonly headSha: string;
        readonly baseSha: string;
        readonly baseBranch: string | null;
        readonly pullRequest: number | null;
      }
    | { readonly event: "workflow_dispatch" | "schedule" }
    | {
        readonly event: "workflow_run";
        readonly measured: {
          readonly id: number;
          readonly attempt: number;
          readonly headSha: string;
          readonly headBranch: string | null;
          readonly headRepository: string | null;
          /** What started the run that measured. */
          readonly event: string;
          readonly conclusion: string | null;
          /** Of this repository alone; none for forks. */
          readonly pullRequests: readonly { readonly number: number; readonly headSha: string }[];
        };
      }
  );

export interface EventInput {
  readonly eventName: string;
  readonly payload: unknown;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const unsupported = (message: string, remedy: string): SquallError =>
  new SquallError("event-unsupported", message, { place: "on:", remedy });

const refuse = (eventName: string): SquallError => {
  if (eventName === "pull_request_target") {
    return unsupported(
      "pull_request_target gives the pull request's code this repository's secrets: squall does not run there.",
      "Measure on pull_request, and report by a second workflow on workflow_run with mode: report (docs/action.md, Forks).",
    );
  }
  return unsupported(
    `squall does not know what to compare on the event ${quoted(eventName)}.`,
    `Use it on ${SUPPORTED.join(", ")}; elsewhere the command line, \`squall run --base <commit>\`.`,
  );
};

const isSupported = (name: string): name is SupportedEvent => Object.hasOwn(payloads, name);

const parse = <E extends SupportedEvent>(event: E, payload: unknown): z.output<(typeof payloads)[E]> => {
  const parsed = payloads[event].safeParse(payload);
  if (parsed.success) return parsed.data as z.output<(typeof payloads)[E]>;
  throw new SquallError("event-unsupported", `The payload of ${event} is not what GitHub sends.`, {
    place: "GITHUB_EVENT_PATH",
    detail: parsed.error.issues
      .slice(0, 10)
      .map(({ path, message }) => `${path.map(String).join(".")}: ${message}`),
    remedy: "Run squall as a step of a workflow on GitHub or a server that sends the same events.",
  });
};

const branchOf = (ref: string | undefined): string | null => {
  const name = /^refs\/heads\/(.+)$/.exec(ref ?? "")?.[1];
  return name !== undefined && isBranchName(name) ? name : null;
};

const wholeOf = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : otherwise;

const common = (
  env: EventInput["env"],
  given: { readonly full_name: string; readonly default_branch?: string | null | undefined } | undefined,
): Common => {
  const name = fullName.safeParse(env["GITHUB_REPOSITORY"] ?? given?.full_name);
  const githubSha = sha.safeParse(env["GITHUB_SHA"]);
  if (!name.success || !githubSha.success) {
    throw unsupported(
      `${name.success ? "GITHUB_SHA" : "GITHUB_REPOSITORY"} does not say what this step runs on.`,
      "Run squall as a step of a workflow; outside of one use the command line.",
    );
  }
  return {
    repository: name.data,
    defaultBranch: given?.default_branch ?? null,
    run: { id: wholeOf(env["GITHUB_RUN_ID"], 0), attempt: wholeOf(env["GITHUB_RUN_ATTEMPT"], 1) },
    githubSha: githubSha.data,
    branch: branchOf(env["GITHUB_REF"]),
  };
};

const NO_COMMIT = /^0+$/;

const pushFacts = (env: EventInput["env"], payload: unknown): EventFacts => {
  const { before, after, ref, deleted, repository: given } = parse("push", payload);
  if (deleted === true || NO_COMMIT.test(after))
    throw unsupported(
      "A branch was deleted: there is nothing to measure.",
      "Leave deletions out: `if: !github.event.deleted`.",
    );
  const shared = common(env, given);
  const pushed = branchOf(ref);
  return {
    ...shared,
    event: "push",
    branch: pushed,
    before: NO_COMMIT.test(before) ? null : before,
    // Of an annotated tag `after` is the tag, and only GITHUB_SHA the commit.
    after: ref.startsWith("refs/tags/") ? shared.githubSha : after,
  };
};

/** `gh-readonly-queue/main/pr-12-<sha>`, of the last pull request of the group. */
const queuedPullRequest = (ref: string): number | null => {
  const text = /^(?:refs\/heads\/)?gh-readonly-queue\/.+\/pr-([1-9]\d{0,9})-[0-9a-f]{40,64}$/.exec(ref)?.[1];
  return text === undefined ? null : Number(text);
};

const pullRequestFacts = (env: EventInput["env"], payload: unknown): EventFacts => {
  const { pull_request: pull, repository: given } = parse("pull_request", payload);
  return {
    ...common(env, given),
    event: "pull_request",
    pullRequest: {
      number: pull.number,
      headSha: pull.head.sha,
      headBranch: pull.head.ref,
      headRepository: pull.head.repo?.full_name ?? null,
      baseBranch: pull.base.ref,
      baseSha: pull.base.sha,
    },
  };
};

const workflowRunFacts = (env: EventInput["env"], payload: unknown): EventFacts => {
  const { workflow_run: run, repository: given } = parse("workflow_run", payload);
  return {
    ...common(env, given),
    event: "workflow_run",
    measured: {
      id: run.id,
      attempt: run.run_attempt ?? 1,
      headSha: run.head_sha,
      headBranch: run.head_branch ?? null,
      headRepository: run.head_repository?.full_name ?? null,
      event: run.event,
      conclusion: run.conclusion ?? null,
      // GitHub also lists those that other repositories have of the same branch: their numbers mean something else here.
      pullRequests: (run.pull_requests ?? [])
        .filter(({ base }) => base.repo.id === given.id)
        .map((pull) => ({ number: pull.number, headSha: pull.head.sha })),
    },
  };
};

/** @throws SquallError `event-unsupported` */
export const readEvent = ({ eventName, payload, env }: EventInput): EventFacts => {
  if (!isSupported(eventName)) throw refuse(eventName);
  switch (eventName) {
    case "pull_request":
      return pullRequestFacts(env, payload);
    case "push":
      return pushFacts(env, payload);
    case "merge_group": {
      const { merge_group: group, repository: given } = parse("merge_group", payload);
      return {
        ...common(env, given),
        event: "merge_group",
        headSha: group.head_sha,
        baseSha: group.base_sha,
        baseBranch: branchOf(group.base_ref),
        pullRequest: queuedPullRequest(group.head_ref),
      };
    }
    case "workflow_dispatch":
    case "schedule":
      return { ...common(env, parse(eventName, payload).repository), event: eventName };
    case "workflow_run":
      return workflowRunFacts(env, payload);
  }
};
