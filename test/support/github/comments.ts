/** Comments of issues and pull requests. */
import { htmlUrl, userBody } from "./bodies.ts";
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
import { type JsonObject, textOf } from "./description.ts";
import { fill } from "./fill.ts";
import type { Comment } from "./model.ts";

/** Not in the description; measured by everybody who hit it. Counted in characters, not bytes. */
const MAX_BODY_CHARACTERS = 65_536;

const commentBody = (call: Call, comment: Comment): JsonObject =>
  fill("issue-comment", {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${call.apiUrl}${pathOf(call, `/issues/comments/${comment.id}`)}`,
    html_url: htmlUrl(call.repository, `/pull/${comment.issue}#issuecomment-${comment.id}`),
    issue_url: `${call.apiUrl}${pathOf(call, `/issues/${comment.issue}`)}`,
    body: comment.body,
    user: userBody(comment.login),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: call.repository.collaborators.has(comment.login) ? "COLLABORATOR" : "NONE",
  });

const issueNumber = (call: Call): number => {
  const number = Number(call.params["issue_number"]);
  required(call.repository.pulls.get(number));
  return number;
};

const commentOf = (call: Call): Comment =>
  required(call.repository.comments.get(Number(call.params["comment_id"])));

const bodyOf = (call: Call): string => {
  const text = textOf(call.body["body"]);
  if (text.trim() === "")
    throw unprocessable("Validation Failed", [
      { resource: "IssueComment", code: "missing_field", field: "body" },
    ]);
  if (Array.from(text).length > MAX_BODY_CHARACTERS) {
    const message = `body is too long (maximum is ${MAX_BODY_CHARACTERS} characters)`;
    throw unprocessable("Validation Failed", [
      { resource: "IssueComment", code: "unprocessable", field: "data", message },
    ]);
  }
  return text;
};

const listComments = (call: Call): Reply => {
  const number = issueNumber(call);
  const { since = "" } = call.query;
  const all = call.repository.commentsOf(number).filter(({ updatedAt }) => updatedAt >= since);
  const { items, headers } = page(call, pathOf(call, `/issues/${number}/comments`), all);
  return { status: 200, headers, body: items.map((comment) => commentBody(call, comment)) };
};

const createComment = (call: Call): Reply => {
  const number = issueNumber(call);
  const comment = call.repository.addComment(number, call.token?.login ?? "ghost", bodyOf(call));
  return { status: 201, body: commentBody(call, comment) };
};

/** Own comments can be changed by everybody who may comment, others' only with write access. */
const ownOrWritable = (call: Call, comment: Comment): void => {
  const login = call.token?.login ?? "";
  const role = call.repository.collaborators.get(login) ?? "none";
  const installation = login.endsWith("[bot]");
  if (comment.login === login || installation || ["admin", "maintain", "write"].includes(role)) return;
  throw new Refusal(403, "Must have admin rights to Repository.");
};

const updateComment = (call: Call): Reply => {
  const comment = commentOf(call);
  ownOrWritable(call, comment);
  comment.body = bodyOf(call);
  comment.updatedAt = call.repository.now();
  return { status: 200, body: commentBody(call, comment) };
};

const deleteComment = (call: Call): Reply => {
  const comment = commentOf(call);
  ownOrWritable(call, comment);
  call.repository.comments.delete(comment.id);
  return { status: 204 };
};

const read = may("read", "issues", "pull-requests");
const write = may("write", "issues", "pull-requests");

export const commentRoutes: Routes = {
  "issues/list-comments": { permission: read, handle: listComments },
  "issues/get-comment": {
    permission: read,
    handle: (call) => ({ status: 200, body: commentBody(call, commentOf(call)) }),
  },
  "issues/create-comment": { permission: write, handle: createComment },
  "issues/update-comment": { permission: write, handle: updateComment },
  "issues/delete-comment": { permission: write, handle: deleteComment },
};
