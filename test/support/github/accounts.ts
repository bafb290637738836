/** The repository itself, and who may do what in it. */
import { repositoryBody, userBody } from "./bodies.ts";
import { type Call, Refusal, type Reply, type Routes } from "./call.ts";
import { fill } from "./fill.ts";
import type { Role } from "./model.ts";

/** What `permission` says of a role (docs: "Get repository permissions for a user"): the old four words. */
const LEGACY: Readonly<Record<Role, string>> = {
  admin: "admin",
  maintain: "write",
  write: "write",
  triage: "read",
  read: "read",
  none: "none",
};

const permissionOf = (call: Call): Reply => {
  const login = call.params["username"] ?? "";
  const { repository } = call;
  const held = [...repository.collaborators].find(([name]) => name.toLowerCase() === login.toLowerCase());
  const role: Role = held?.[1] ?? (repository.private ? "none" : "read");
  return {
    status: 200,
    body: fill("repository-collaborator-permission", {
      permission: LEGACY[role],
      role_name: role,
      user: { ...userBody(held?.[0] ?? login), role_name: role },
    }),
  };
};

const user = (call: Call): Reply => {
  if (call.token === null) throw new Refusal(401, "Requires authentication");
  const { login } = call.token;
  if (login.endsWith("[bot]")) throw new Refusal(403, "Resource not accessible by integration");
  return { status: 200, body: fill("public-user", userBody(login)) };
};

export const LIMIT = 5000;

const rateLimit = (): Reply => {
  const rate = { limit: LIMIT, remaining: LIMIT, reset: Math.floor(Date.now() / 1000) + 3600, used: 0 };
  return { status: 200, body: { resources: { core: rate, search: rate }, rate } };
};

export const accountRoutes: Routes = {
  "repos/get": {
    permission: null,
    handle: (call) => ({ status: 200, body: repositoryBody("full-repository", call.repository) }),
  },
  "repos/get-collaborator-permission-level": { permission: null, handle: permissionOf },
  "users/get-authenticated": { permission: null, handle: user },
  "rate-limit/get": { permission: null, handle: rateLimit },
};
