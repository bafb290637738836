/** Check runs and their annotations, which are added up over updates. */
import { htmlUrl } from "./bodies.ts";
import {
  type Call,
  may,
  page,
  pathOf,
  Refusal,
  type Reply,
  type Routes,
  required,
  unprocessable,
} from "./call.ts";
import { type Json, type JsonObject, textOf } from "./description.ts";
import { fill } from "./fill.ts";
import type { Annotation, CheckRun } from "./model.ts";

const checkBody = (call: Call, check: CheckRun): JsonObject =>
  fill("check-run", {
    id: check.id,
    head_sha: check.sha,
    name: check.name,
    external_id: check.externalId,
    status: check.status,
    conclusion: check.conclusion,
    details_url: check.detailsUrl,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    url: `${call.apiUrl}${pathOf(call, `/check-runs/${check.id}`)}`,
    html_url: htmlUrl(call.repository, `/runs/${check.id}`),
    output: {
      ...check.output,
      annotations_count: check.annotations.length,
      annotations_url: `${call.apiUrl}${pathOf(call, `/check-runs/${check.id}/annotations`)}`,
    },
  });

/** Checks belong to apps: a person's token cannot write them. */
const needsApp = (call: Call): void => {
  if (call.token?.login.endsWith("[bot]") === true) return;
  throw new Refusal(403, "You must authenticate via a GitHub App.");
};

const textOr = <T>(value: Json | undefined, otherwise: T): string | T =>
  typeof value === "string" ? value : otherwise;

const apply = (call: Call, check: CheckRun): void => {
  const { body, repository } = call;
  check.name = textOr(body["name"], check.name);
  check.externalId = textOr(body["external_id"], check.externalId);
  check.detailsUrl = textOr(body["details_url"], check.detailsUrl);
  check.startedAt = textOr(body["started_at"], check.startedAt);
  check.conclusion = textOr(body["conclusion"], check.conclusion);
  check.status = body["conclusion"] === undefined ? textOr(body["status"], check.status) : "completed";
  if (check.status === "completed" && check.conclusion === null) {
    throw unprocessable(
      'Invalid request.\n\nNo subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.',
    );
  }
  if (check.status === "completed") {
    check.completedAt = textOr(body["completed_at"], check.completedAt ?? repository.now());
  }
  const output = body["output"] as JsonObject | undefined;
  if (output === undefined) return;
  check.output = {
    title: textOr(output["title"], check.output.title),
    summary: textOr(output["summary"], check.output.summary),
    text: textOr(output["text"], check.output.text),
  };
  check.annotations.push(...((output["annotations"] ?? []) as unknown as readonly Annotation[]));
};

const createCheck = (call: Call): Reply => {
  needsApp(call);
  const sha = textOf(call.body["head_sha"]);
  if (!call.repository.objects.commits.has(sha)) throw unprocessable(`No commit found for SHA: ${sha}`);
  const check: CheckRun = {
    id: call.repository.nextId(),
    sha,
    name: "",
    externalId: "",
    status: "queued",
    conclusion: null,
    detailsUrl: null,
    startedAt: call.repository.now(),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
  };
  apply(call, check);
  call.repository.checkRuns.set(check.id, check);
  return { status: 201, body: checkBody(call, check) };
};

const checkOf = (call: Call): CheckRun =>
  required(call.repository.checkRuns.get(Number(call.params["check_run_id"])));

const updateCheck = (call: Call): Reply => {
  needsApp(call);
  const check = checkOf(call);
  apply(call, check);
  return { status: 200, body: checkBody(call, check) };
};

const listChecks = (call: Call): Reply => {
  const sha = required(call.repository.resolve(call.params["ref"] ?? ""));
  const { check_name: name, status, filter = "latest" } = call.query;
  const found = [...call.repository.checkRuns.values()]
    .filter((check) => check.sha === sha && (name === undefined || check.name === name))
    .filter((check) => status === undefined || check.status === status)
    .toReversed();
  const names = new Set<string>();
  const latest = found.filter((check) => !names.has(check.name) && names.add(check.name));
  const all = filter === "all" ? found : latest;
  const { items, headers } = page(call, pathOf(call, `/commits/${sha}/check-runs`), all);
  return {
    status: 200,
    headers,
    body: { total_count: all.length, check_runs: items.map((check) => checkBody(call, check)) },
  };
};

const listAnnotations = (call: Call): Reply => {
  const check = checkOf(call);
  const { items, headers } = page(
    call,
    pathOf(call, `/check-runs/${check.id}/annotations`),
    check.annotations,
  );
  return {
    status: 200,
    headers,
    body: items.map((annotation) => fill("check-annotation", { ...annotation, blob_href: "" })),
  };
};

const read = may("read", "checks");
const write = may("write", "checks");

export const checkRoutes: Routes = {
  "checks/create": { permission: write, handle: createCheck },
  "checks/update": { permission: write, handle: updateCheck },
  "checks/get": {
    permission: read,
    handle: (call) => ({ status: 200, body: checkBody(call, checkOf(call)) }),
  },
  "checks/list-for-ref": { permission: read, handle: listChecks },
  "checks/list-annotations": { permission: read, handle: listAnnotations },
};
