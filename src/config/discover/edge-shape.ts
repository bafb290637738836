import type { EdgeShape } from "./observed.ts";

/** Ends and parts of paths, lower case, most telling first. */
const BY_END: readonly (readonly [EdgeShape, readonly string[]])[] = [
  ["embeddings", ["/embeddings", "/embed", "/api/embed", ":embedcontent", ":batchembedcontents"]],
  ["openai", ["/chat/completions", "/completions", "/responses"]],
  ["anthropic", ["/v1/messages", "/v1/complete"]],
  [
    "model",
    ["/api/chat", "/api/generate", "/generate", "/generate_stream", ":generatecontent", "generatecontent"],
  ],
  ["search", ["/search", "/query", "/retrieve", "/_search", "/points/query", "/similarity"]],
];

/** A path without its query, in which secrets stand. */
export const pathOnly = (path: string): string => path.split(/[?#]/, 1)[0] ?? "";

/** From here on a part of a path is taken for an identifier, or worse a secret, and no name. */
const LONGEST_NAME = 20;

// "/users/417/orders" as "/users/*/orders": a path as it can be counted and shown.
export const pathTemplate = (path: string): string =>
  pathOnly(path)
    .split("/")
    .map((part) => (part.length > LONGEST_NAME || /^\d+$/.test(part) ? "*" : part))
    .join("/");

/** What is asked on an HTTP edge, told from the path of its most frequent question. */
export const shapeOfPath = (path: string): EdgeShape => {
  const bare = pathOnly(path).toLowerCase().replace(/\/$/, "");
  return BY_END.find(([, ends]) => ends.some((end) => bare.endsWith(end)))?.[0] ?? "http";
};

/** Does a model answer there? */
export const isModel = (shape: EdgeShape): boolean =>
  shape === "openai" || shape === "anthropic" || shape === "model";
