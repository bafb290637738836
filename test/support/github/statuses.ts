/** Commit statuses: the newest of each context counts. */
import { repositoryBody, userBody } from "./bodies.ts";
import { type Call, may, page, pathOf, type Reply, type Routes, required, unprocessable } from "./call.ts";
import type { JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { Status } from "./model.ts";

/** Not in the description: GitHub refuses longer ones. */
const MAX_DESCRIPTION_CHARACTERS = 140;

const statusBody = (call: Call, status: Status, schema: "status" | "simple-commit-status"): JsonObject =>
  fill(schema, {
    id: status.id,
    state: status.state,
    context: status.context,
    description: status.description,
    target_url: status.targetUrl,
    url: `${call.apiUrl}${pathOf(call, `/statuses/${status.sha}`)}`,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    ...(schema === "status" ? { creator: userBody(status.creator) } : {}),
  });

const refused = (field: string, message: string): Error =>
  unprocessable(`Validation Failed: ${message}`, [{ resource: "Status", code: "custom", field, message }]);

const text = (call: Call, key: string): string | null => {
  const value = call.body[key];
  return typeof value === "string" ? value : null;
};

const createStatus = (call: Call): Reply => {
  const { repository } = call;
  const sha = call.params["sha"] ?? "";
  if (!repository.objects.commits.has(sha)) throw unprocessable(`No commit found for SHA: ${sha}`);
  const description = text(call, "description");
  if (Array.from(description ?? "").length > MAX_DESCRIPTION_CHARACTERS) {
    throw refused(
      "description",
      `description is too long (maximum is ${MAX_DESCRIPTION_CHARACTERS} characters)`,
    );
  }
  const targetUrl = text(call, "target_url");
  if (targetUrl !== null && !/^https?:\/\//u.test(targetUrl)) {
    throw refused("target_url", "target_url must use http(s) scheme");
  }
  const status: Status = {
    id: repository.nextId(),
    sha,
    context: text(call, "context") ?? "default",
    state: call.body["state"] as Status["state"],
    description,
    targetUrl,
    creator: call.token?.login ?? "ghost",
    createdAt: repository.now(),
  };
  repository.statuses.push(status);
  return { status: 201, body: statusBody(call, status, "status") };
};

const shaOf = (call: Call): string => required(call.repository.resolve(call.params["ref"] ?? ""));

const newestFirst = (call: Call, sha: string): readonly Status[] =>
  call.repository.statuses.filter((status) => status.sha === sha).toReversed();

const combined = (call: Call): Reply => {
  const sha = shaOf(call);
  const latest = new Map<string, Status>();
  for (const status of newestFirst(call, sha)) {
    if (!latest.has(status.context)) latest.set(status.context, status);
  }
  const all = [...latest.values()];
  const states = new Set(all.map(({ state }) => state));
  const failed = states.has("failure") || states.has("error");
  const state = failed ? "failure" : states.has("pending") || all.length === 0 ? "pending" : "success";
  const { items, headers } = page(call, pathOf(call, `/commits/${sha}/status`), all);
  return {
    status: 200,
    headers,
    body: fill("combined-commit-status", {
      sha,
      state,
      total_count: all.length,
      statuses: items.map((status) => statusBody(call, status, "simple-commit-status")),
      repository: repositoryBody("minimal-repository", call.repository),
    }),
  };
};

const listStatuses = (call: Call): Reply => {
  const sha = shaOf(call);
  const { items, headers } = page(call, pathOf(call, `/commits/${sha}/statuses`), newestFirst(call, sha));
  return { status: 200, headers, body: items.map((status) => statusBody(call, status, "status")) };
};

const read = may("read", "statuses");

export const statusRoutes: Routes = {
  "repos/create-commit-status": { permission: may("write", "statuses"), handle: createStatus },
  "repos/get-combined-status-for-ref": { permission: read, handle: combined },
  "repos/list-commit-statuses-for-ref": { permission: read, handle: listStatuses },
};
