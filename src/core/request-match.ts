/** Which requests a fault's `match` fits: asked by the plan of what will be sent, and by the sidecar of what came. */
import type { RequestMatch } from "./fault.ts";

/** A request's head, as far as a match looks at it. */
export interface RequestHead {
  /** In capitals. */
  readonly method: string;
  /** Request target, with its query. */
  readonly path: string;
  /** Value of a header, its name in lower case. */
  header(name: string): string | undefined;
}

/** A prefix, or a glob of the whole path (without the query) with `*` for any run of characters. */
export const pathFits = (pattern: string, target: string): boolean => {
  const path = target.split("?", 1)[0] ?? "";
  if (!pattern.includes("*")) return path.startsWith(pattern);
  const parts = pattern.split("*");
  const last = parts.pop() ?? "";
  let at = 0;
  // Leftmost match of each part: linear, unlike a regular expression made from the user's text.
  for (const [index, part] of parts.entries()) {
    const found = index === 0 ? (path.startsWith(part) ? 0 : -1) : path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
};

/** All given parts of the match hold. */
export const requestFits = (match: RequestMatch, request: RequestHead): boolean => {
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match.path !== undefined && !pathFits(match.path, request.path)) return false;
  if (match.header === undefined) return true;
  const value = request.header(match.header.name.toLowerCase());
  return value !== undefined && (match.header.value === undefined || match.header.value === value);
};
