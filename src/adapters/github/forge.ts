/** The client of GitHub's API, and of servers that answer the same calls (Gitea, Forgejo). */
import { setTimeout as delay } from "node:timers/promises";
import { defaults } from "@actions/github/lib/utils";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { SquallError } from "../../core/errors.ts";
import { REDACTED } from "../../core/redaction.ts";
import { patient } from "./patient.ts";
import { type Fetch, wholeAnswers } from "./whole-answers.ts";

export interface Forge {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  /** "owner/name", for messages. */
  readonly place: string;
  readonly kind: "github" | "gitea";
}

export interface ConnectForge {
  readonly token: string;
  readonly apiUrl: string;
  /** "owner/name". */
  readonly repository: string;
  readonly log: (line: string) => void;
  /** Of one request, its answer included. */
  readonly timeoutMs?: number;
  /** Not 1: pauses are multiplied by it, and writes follow each other without the second that GitHub asks for. For tests. */
  readonly pauseScale?: number;
}

/** Longer pauses than this are not waited for: the step says when to try again. */
const LONGEST_PAUSE_S = 60;
const MOST_RATE_LIMIT_RETRIES = 1;
const MOST_RETRIES = 3;
const SECOND_MS = 1000;

/** Statuses that another try does not change. 409 and 422 say that something else is there, not that the server is unwell. */
const FINAL = [400, 401, 403, 404, 409, 410, 415, 422, 451];

const PluggedOctokit = Octokit.plugin(retry, throttling);

const worthWaiting =
  (what: string, log: ConnectForge["log"]) =>
  (
    retryAfterS: number,
    options: { method: string; url: string },
    _: unknown,
    retryCount: number,
  ): boolean => {
    const wait = retryAfterS <= LONGEST_PAUSE_S && retryCount < MOST_RATE_LIMIT_RETRIES;
    log(
      `${what} at ${options.method} ${options.url}: ${wait ? `again in ${retryAfterS} s` : `not before ${retryAfterS} s from now`}`,
    );
    return wait;
  };

/** @throws SquallError `argument-invalid` where the repository is no owner/name */
export const connectForge = (options: ConnectForge): Forge => {
  const { token, apiUrl, repository, log, timeoutMs = 20_000, pauseScale = 1 } = options;
  const [owner, repo, more] = repository.split("/");
  if (owner === undefined || repo === undefined || owner === "" || repo === "" || more !== undefined)
    throw new SquallError("argument-invalid", `${repository} is no repository of the form owner/name.`);
  const octokit = new PluggedOctokit({
    ...(token === "" ? {} : { auth: token }),
    baseUrl: apiUrl.replace(/\/+$/, ""),
    userAgent: "squall",
    log: { debug: () => undefined, info: () => undefined, warn: log, error: log },
    // The toolkit's fetch, because it goes through the runner's proxy.
    request: {
      fetch: patient(wholeAnswers(defaults.request?.fetch as Fetch, timeoutMs), {
        longestMs: LONGEST_PAUSE_S * SECOND_MS,
        sleep: async (ms) => delay(ms * pauseScale),
        log,
      }),
    },
    retry: {
      doNotRetry: [...FINAL, 429],
      retries: MOST_RETRIES,
      retryAfterBaseValue: SECOND_MS * pauseScale,
    },
    throttle: {
      // A queue of this client's own: two in one process do not wait for each other.
      id: crypto.randomUUID(),
      enabled: pauseScale === 1,
      retryAfterBaseValue: SECOND_MS * pauseScale,
      fallbackSecondaryRateRetryAfter: LONGEST_PAUSE_S,
      onRateLimit: worthWaiting("rate limit", log),
      onSecondaryRateLimit: worthWaiting("secondary rate limit", log),
    },
  });
  // A server may say again what it was told: no message of its holds the token.
  if (token !== "") {
    octokit.hook.error("request", (error) => {
      error.message = error.message.replaceAll(token, REDACTED);
      throw error;
    });
  }
  return { octokit, owner, repo, place: repository, kind: /\/api\/v1\/?$/.test(apiUrl) ? "gitea" : "github" };
};
