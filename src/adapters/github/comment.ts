/**
 * Our one comment a suite: found by its marker and its author, over all pages. A newer run's report is never overwritten by an
 * older one's, and of two that were created at once the older comment stays.
 */

import { SquallError } from "../../core/errors.ts";
import { isNewer, type ReportMarker, readMarker, suiteMark } from "../../core/report/marker.ts";
import { call, statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";
import { ownLogin } from "./own-login.ts";
import { readPullRequest } from "./pull-requests.ts";

const PERMISSION = "pull-requests: write";

export interface OurComment {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly marker: ReportMarker;
}

export interface CommentOutcome {
  readonly kind: "created" | "updated" | "unchanged" | "newer-exists" | "nothing";
  readonly url: string | null;
}

interface Listed {
  readonly id: number;
  readonly html_url: string;
  readonly body?: string | null;
  readonly user: { readonly login: string } | null;
}

const ours = ({ id, html_url: url, body, user }: Listed, login: string, suite: string): OurComment[] => {
  // A stranger can write our marker, but not under our name.
  if (user?.login !== login) return [];
  const text = body ?? "";
  const marker = readMarker(text);
  return marker?.suite === suite ? [{ id, url, body: text, marker }] : [];
};

/** @param suite as the marker has it. @returns oldest first */
const listOurs = async (forge: Forge, pullRequest: number, suite: string): Promise<readonly OurComment[]> => {
  const { octokit, owner, repo } = forge;
  const login = await ownLogin(forge);
  const found: OurComment[] = [];
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: pullRequest,
    per_page: 100,
  });
  for await (const { data } of pages)
    found.push(...data.flatMap((comment) => ours(comment as Listed, login, suite)));
  return found.sort((a, b) => a.id - b.id);
};

/** Null where there is none of this suite. */
export const findComment = async (
  forge: Forge,
  pullRequest: number,
  suite: string,
): Promise<OurComment | null> =>
  call(
    `Looking for our comment on pull request ${pullRequest}`,
    async () => (await listOurs(forge, pullRequest, suiteMark(suite)))[0] ?? null,
    "pull-requests: read",
  );

/** Of two heads the one that the pull request has now; of one head the later run. */
const isOutdone = async (
  forge: Forge,
  pullRequest: number,
  there: ReportMarker,
  mine: ReportMarker,
): Promise<boolean> => {
  if (there.head === mine.head) return isNewer(there, mine);
  const { headSha } = await readPullRequest(forge, pullRequest);
  if (there.head === headSha) return true;
  return mine.head === headSha ? false : isNewer(there, mine);
};

/** Null where it was created although no answer came: the next look finds it. */
const create = async (
  { octokit, owner, repo }: Forge,
  pullRequest: number,
  body: string,
): Promise<number | null> => {
  try {
    const { data } = await octokit.rest.issues.createComment({
      owner,
      repo,
      issue_number: pullRequest,
      body,
      // A second try could be a second comment.
      request: { retries: 0 },
    });
    return data.id;
  } catch (error) {
    const status = statusOf(error);
    if (status !== null && status < 500) throw error;
    return null;
  }
};

export interface PublishComment {
  readonly pullRequest: number;
  /** With our marker as its last line. */
  readonly body: string;
  /** False: only an earlier one is brought up to date. */
  readonly create: boolean;
}

const update = async (
  forge: Forge,
  there: OurComment,
  { pullRequest, body }: PublishComment,
  mine: ReportMarker,
): Promise<CommentOutcome> => {
  const { octokit, owner, repo } = forge;
  const { id, url } = there;
  // As it is now: another run may have written since the list was read.
  const { data } = await octokit.rest.issues.getComment({ owner, repo, comment_id: id });
  const now = readMarker(data.body ?? "") ?? there.marker;
  if (data.body === body) return { kind: "unchanged", url };
  if (await isOutdone(forge, pullRequest, now, mine)) return { kind: "newer-exists", url };
  await octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body });
  return { kind: "updated", url };
};

const createOnce = async (
  forge: Forge,
  options: PublishComment,
  mine: ReportMarker,
): Promise<CommentOutcome> => {
  const { octokit, owner, repo } = forge;
  let created = await create(forge, options.pullRequest, options.body);
  let [oldest] = await listOurs(forge, options.pullRequest, mine.suite);
  if (oldest === undefined && created === null) {
    // No answer came, and it is not there: now a second try cannot be a second comment.
    created = await create(forge, options.pullRequest, options.body);
    [oldest] = await listOurs(forge, options.pullRequest, mine.suite);
  }
  if (oldest === undefined) {
    throw new SquallError("api-failed", "The comment was sent, and is not there.", {
      remedy: "Run the step again.",
    });
  }
  if (oldest.body === options.body && created === null) return { kind: "created", url: oldest.url };
  // Ours, and perhaps another run has written its newer report into it since.
  if (oldest.id === created)
    return { kind: oldest.body === options.body ? "created" : "newer-exists", url: oldest.url };
  // Another run was faster: its comment stays, and bears the newer of both reports.
  if (created !== null) await octokit.rest.issues.deleteComment({ owner, repo, comment_id: created });
  return update(forge, oldest, options, mine);
};

/** @throws SquallError `api-refused`, `api-failed` */
export const publishComment = async (forge: Forge, options: PublishComment): Promise<CommentOutcome> =>
  call(
    `Commenting on pull request ${options.pullRequest}`,
    async () => {
      const mine = readMarker(options.body);
      if (mine === null)
        throw new SquallError("internal", "a comment without our marker would never be found again");
      const [oldest] = await listOurs(forge, options.pullRequest, mine.suite);
      if (oldest !== undefined) return update(forge, oldest, options, mine);
      return options.create ? createOnce(forge, options, mine) : { kind: "nothing", url: null };
    },
    PERMISSION,
  );
