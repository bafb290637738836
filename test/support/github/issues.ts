/** Pull requests as issues: labels, and who put them on when. */
import { htmlUrl, labelBody, userBody } from "./bodies.ts";
import { type Call, may, page, pathOf, type Reply, type Routes, required } from "./call.ts";
import type { JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { LabelEvent, Pull } from "./model.ts";

const pullOf = (call: Call): Pull => required(call.repository.pulls.get(Number(call.params["issue_number"])));

const getIssue = (call: Call): Reply => {
  const pull = pullOf(call);
  const url = `${call.apiUrl}${pathOf(call, `/pulls/${pull.number}`)}`;
  const html_url = htmlUrl(call.repository, `/pull/${pull.number}`);
  return {
    status: 200,
    body: fill("issue", {
      number: pull.number,
      title: pull.title,
      body: pull.body,
      state: pull.state,
      user: userBody(pull.author),
      labels: call.repository.labelsOf(pull.number).map(labelBody),
      comments: call.repository.commentsOf(pull.number).length,
      html_url,
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      pull_request: { url, html_url, diff_url: `${html_url}.diff`, patch_url: `${html_url}.patch` },
    }),
  };
};

const listLabels = (call: Call): Reply => {
  const { number } = pullOf(call);
  const all = call.repository.labelsOf(number);
  const { items, headers } = page(call, pathOf(call, `/issues/${number}/labels`), all);
  return { status: 200, headers, body: items.map(labelBody) };
};

const eventBody = (event: LabelEvent): JsonObject =>
  fill("labeled-issue-event", {
    id: event.id,
    event: event.event,
    actor: userBody(event.actor),
    created_at: event.createdAt,
    label: { name: event.label, color: "d93f0b" },
    commit_id: null,
    commit_url: null,
  });

const listEvents =
  (kind: "events" | "timeline") =>
  (call: Call): Reply => {
    const { number } = pullOf(call);
    const all = call.repository.labelEvents.filter(({ issue }) => issue === number);
    const { items, headers } = page(call, pathOf(call, `/issues/${number}/${kind}`), all);
    return { status: 200, headers, body: items.map(eventBody) };
  };

const read = may("read", "issues", "pull-requests");

export const issueRoutes: Routes = {
  "issues/get": { permission: read, handle: getIssue },
  "issues/list-labels-on-issue": { permission: read, handle: listLabels },
  "issues/list-events": { permission: read, handle: listEvents("events") },
  "issues/list-events-for-timeline": { permission: read, handle: listEvents("timeline") },
};
