/** What the API says no with, in words: what was being done, why it failed, which permission is missing. No header goes into it. */
import { RequestError } from "@octokit/request-error";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";

export const statusOf = (error: unknown): number | null =>
  // A failure to reach the server is a 500 of Octokit's own making, without an answer.
  error instanceof RequestError && error.response !== undefined ? error.status : null;

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404;

const header = (error: RequestError, name: string): string | undefined => {
  const value = error.response?.headers[name];
  return value === undefined ? undefined : String(value);
};

/** "issues=write; pull_requests=write": either of them is enough, and the one that the call names is the one to give. */
const neededPermission = (error: RequestError, named: string | undefined): string | undefined => {
  const accepted = (header(error, "x-accepted-github-permissions") ?? "").split(";").flatMap((each) => {
    const found = /^\s*(\w+)=(read|write|admin)/.exec(each);
    return found === null ? [] : [`${found[1]?.replaceAll("_", "-")}: ${found[2]}`];
  });
  return named !== undefined && accepted.includes(named) ? named : (accepted[0] ?? named);
};

/** What GitHub and its kin answer in a rate limit, whatever the status. */
const isRateLimit = (error: RequestError): boolean =>
  error.status === 429 || /rate limit/i.test(error.message) || header(error, "x-ratelimit-remaining") === "0";

const remedyOf = (error: RequestError, permission: string | undefined): string => {
  switch (error.status) {
    case 401:
      return "The token is wrong or has expired: leave the input `token` out, or give one that is valid.";
    case 403:
    case 404: {
      // No permission helps: "Unable to create comment because issue is locked."
      if (/\blocked\b/i.test(error.message))
        return "Unlock the conversation, or leave the comment out: input comment: never.";
      const needed = neededPermission(error, permission);
      return needed === undefined
        ? "Look whether it exists, and whether the token may see it."
        : `Add to the job: permissions: { ${needed} }. A pull request from a fork or by Dependabot has a read-only token (docs/action.md).`;
    }
    default:
      return "Run the step again; if it stays so, report it with this message.";
  }
};

const refused = (error: RequestError, doing: string, permission: string | undefined): SquallError =>
  new SquallError("api-refused", `${doing}: ${error.status} ${plainText(error.message, 300)}`, {
    remedy: remedyOf(error, permission),
  });

const limited = (error: RequestError, doing: string): SquallError => {
  const resetS = Number(header(error, "x-ratelimit-reset"));
  const after = header(error, "retry-after");
  // A secondary limit ends long before the hour that the reset speaks of.
  const when =
    after !== undefined && /^\d{1,9}$/.test(after)
      ? `in ${after} s`
      : Number.isFinite(resetS)
        ? `at ${new Date(resetS * 1000).toISOString()}`
        : "later";
  return new SquallError("api-failed", `${doing}: the rate limit is used up (${error.status}).`, {
    remedy: `Run the step again ${when}.`,
  });
};

/**
 * @param doing what was tried, as the beginning of a sentence: "Reading the baseline branch"
 * @param permission that the call needs, where the server does not say: "pull-requests: write"
 */
export const forgeError = (error: unknown, doing: string, permission?: string): SquallError => {
  if (error instanceof SquallError) return error;
  if (error instanceof RequestError) {
    if (isRateLimit(error)) return limited(error, doing);
    if (statusOf(error) !== null && error.status < 500) return refused(error, doing, permission);
  }
  const why = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);
  return new SquallError(
    "api-failed",
    `${doing}: ${status === null ? "" : `${status} `}${plainText(why, 300)}`,
    {
      remedy: "The server could not be reached or failed, after several tries: run the step again.",
    },
  );
};

/** Runs calls whose failures are told as `doing`. */
export const call = async <T>(doing: string, run: () => Promise<T>, permission?: string): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw forgeError(error, doing, permission);
  }
};
