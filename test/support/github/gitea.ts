/**
 * How Gitea differs, seen on a real one (scripts/gitea/try-action.ts, 1.25.0): no raw files, no check runs, no writing of git objects, no
 * GraphQL, no rate limit;
 * statuses say `status`, users have no `type`.
 */
import type { Reply } from "./call.ts";
import { isObject, type Json } from "./description.ts";

const ABSENT: readonly RegExp[] = [/^checks\//u, /^rate-limit\//u, /^git\/(create|update|delete)-/u];

export const absentInGitea = (operation: string): boolean =>
  ABSENT.some((pattern) => pattern.test(operation));

const translated = (operation: string, body: Json, key = ""): Json => {
  if (Array.isArray(body)) return body.map((item: Json) => translated(operation, item, key));
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => !(key === "user" && name === "type"))
      .map(([name, value]) => [
        name === "state" && operation.includes("status") && key !== "repository" ? "status" : name,
        translated(operation, value, name),
      ]),
  );
};

export const asGitea = (operation: string, reply: Reply): Reply =>
  reply.body === undefined ? reply : { ...reply, body: translated(operation, reply.body) };
