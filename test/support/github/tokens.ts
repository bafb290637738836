/** Tokens, and what they may do. */
import { type Call, notFound, Refusal, type Served } from "./call.ts";

export type Level = "read" | "write" | "none";

export interface Token {
  readonly text: string;
  /** A login that ends in `[bot]` is an installation's, as a workflow's token is. */
  readonly login: string;
  /** As a workflow's `permissions:` block: what is not named is none. Null: everything. */
  readonly permissions: Readonly<Record<string, Level>> | null;
}

const ENOUGH: Readonly<Record<"read" | "write", readonly Level[]>> = {
  read: ["read", "write"],
  write: ["write"],
};

const canWriteAs = new Set(["admin", "maintain", "write"]);

const isInstallation = (token: Token): boolean => token.login.endsWith("[bot]");

const grants = (token: Token, need: NonNullable<Served["permission"]>): boolean => {
  const { permissions } = token;
  if (permissions === null) return true;
  return need.any.some((name) => ENOUGH[need.level].includes(permissions[name] ?? "none"));
};

const refused = (token: Token, need: NonNullable<Served["permission"]>): Refusal => {
  const kind = isInstallation(token) ? "integration" : "personal access token";
  const accepted = need.any.map((name) => `${name.replaceAll("-", "_")}=${need.level}`).join("; ");
  return new Refusal(
    403,
    `Resource not accessible by ${kind}`,
    {},
    {
      "x-accepted-github-permissions": accepted,
    },
  );
};

/**
 * As GitHub does: a private repository does not exist for strangers, what is public can be read without any permission, and
 * all else is 403 with the permissions that would do.
 */
export const authorize = (call: Call, permission: Served["permission"]): void => {
  const { token, repository } = call;
  const role = token === null ? "none" : (repository.collaborators.get(token.login) ?? "none");
  const known = token !== null && (isInstallation(token) || role !== "none");
  if (repository.private && !known) throw notFound();
  if (permission === null) return;
  if (permission.level === "read" && !repository.private) return;
  if (token === null) throw new Refusal(401, "Requires authentication");
  const commenting = permission.any.includes("issues");
  const byRole = isInstallation(token) || permission.level === "read" || commenting || canWriteAs.has(role);
  if (!byRole || !grants(token, permission)) throw refused(token, permission);
};
