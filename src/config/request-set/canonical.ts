import { createHash } from "node:crypto";
import type { RequestTemplate } from "../../core/workload.ts";

/** JSON with sorted keys: equal values give equal text. Undefined members are left out, as JSON does. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
};

/** sha256 over the canonical JSON of the requests, in their order. */
export const requestSetHash = (requests: readonly RequestTemplate[]): string => {
  const hash = createHash("sha256");
  for (const request of requests) hash.update(canonicalJson(request)).update("\n");
  return hash.digest("hex");
};
