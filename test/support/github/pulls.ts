/** Pull requests. */
import { branchEnd, htmlUrl, labelBody, userBody } from "./bodies.ts";
import { type Call, may, page, pathOf, type Reply, type Routes, required } from "./call.ts";
import type { JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { Pull } from "./model.ts";

export const pullBody = (
  schema: "pull-request" | "pull-request-simple",
  call: Call,
  pull: Pull,
): JsonObject => {
  const { repository } = call;
  const url = `${call.apiUrl}${pathOf(call, `/pulls/${pull.number}`)}`;
  return fill(schema, {
    id: pull.number,
    number: pull.number,
    url,
    html_url: htmlUrl(repository, `/pull/${pull.number}`),
    state: pull.state,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: userBody(pull.author),
    labels: repository.labelsOf(pull.number).map(labelBody),
    head: branchEnd(repository, pull.head.repository, pull.head.branch, pull.headSha),
    base: branchEnd(repository, repository.fullName, pull.base.branch, pull.baseSha),
    merge_commit_sha: pull.mergeSha,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    author_association: repository.collaborators.has(pull.author) ? "COLLABORATOR" : "CONTRIBUTOR",
  });
};

/** `head` is `owner:branch`; GitHub leaves the filter out where it is anything else, which hides mistakes. */
const headMatches = (head: string | undefined, pull: Pull): boolean =>
  head === undefined || head === `${pull.head.repository?.split("/")[0] ?? ""}:${pull.head.branch}`;

const listPulls = (call: Call): Reply => {
  const { head, base, state = "open", sort = "created", direction = "desc" } = call.query;
  const time = (pull: Pull): string => (sort === "updated" ? pull.updatedAt : pull.createdAt);
  const found = [...call.repository.pulls.values()]
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => base === undefined || pull.base.branch === base)
    .filter((pull) => headMatches(head, pull))
    .sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : a.number - b.number));
  const ordered = direction === "asc" ? found : found.toReversed();
  const { items, headers } = page(call, pathOf(call, "/pulls"), ordered);
  return { status: 200, headers, body: items.map((pull) => pullBody("pull-request-simple", call, pull)) };
};

const getPull = (call: Call): Reply => {
  const pull = required(call.repository.pulls.get(Number(call.params["pull_number"])));
  return { status: 200, body: pullBody("pull-request", call, pull) };
};

const read = may("read", "pull-requests");

export const pullRoutes: Routes = {
  "pulls/list": { permission: read, handle: listPulls },
  "pulls/get": { permission: read, handle: getPull },
};
