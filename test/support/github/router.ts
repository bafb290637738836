/** Finds the operation a method and path mean, by the paths of GitHub's description. */
import { type DescribedOperation, OPERATIONS } from "./description.ts";

/** Parameters that may hold slashes: GitHub takes them unescaped too. */
const OVER_SLASHES = new Set(["ref", "path", "basehead", "branch"]);

const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split("/")
      .map((part) => {
        const name = /^\{(\w+)\}$/u.exec(part)?.[1];
        if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&");
        return OVER_SLASHES.has(name) ? `(?<${name}>.+?)` : `(?<${name}>[^/]+)`;
      })
      .join("/")}$`,
    "u",
  );

/** Those with the most literal parts first, so that `/commits/{ref}/status` is not `/commits/{ref}`. */
const ROUTES = [...OPERATIONS.values()]
  .map((operation) => ({ operation, pattern: patternOf(operation.path) }))
  .sort((a, b) => literals(b.operation.path) - literals(a.operation.path));

function literals(path: string): number {
  return path.split("/").filter((part) => !part.startsWith("{")).length;
}

export interface Found {
  readonly operation: DescribedOperation;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** @param path without the base path of the API */
export const route = (method: string, path: string): Found | null => {
  for (const { operation, pattern } of ROUTES) {
    if (operation.method !== method) continue;
    const groups = pattern.exec(path)?.groups;
    if (groups === undefined && !pattern.test(path)) continue;
    const params = Object.entries(groups ?? {}).map(
      ([name, text]) => [name, decodeURIComponent(text)] as const,
    );
    return { operation, params: Object.fromEntries(params) };
  }
  return null;
};
