/** What the source files say of the service's own interface: by patterns on lines, nothing is parsed or run. */

import { requestId } from "./curl.ts";
import { readyAmong } from "./findings.ts";
import type { SampleRequest } from "./openapi.ts";
import { isProse, isSource, safePlace } from "./places.ts";

const LONGEST_LINE = 500;
const MOST_ROUTES = 20;
const PATH = "/[A-Za-z0-9._~/-]{0,120}";

/** `app.post("/x"`, `@router.get("/x")`: express, fastify, hono, koa, FastAPI, Flask. */
const CALL = new RegExp(`\\.(get|post)\\(\\s?["'\`](${PATH})["'\`]`, "gi");
/** `@app.route("/x", methods=["POST"])` */
const ROUTE = new RegExp(`\\.route\\(\\s?["'](${PATH})["'](.{0,120})`, "g");
/** `pathname === "/x"`, `self.path == "/x"` and the like, by hand. */
const BY_HAND = new RegExp(`(?:path|pathname|url|route)\\s?(?:===?|!==?)\\s?["'\`](${PATH})["'\`]`, "gi");

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly file: string;
}

const routesOfLine = (line: string, file: string, above: string): Route[] => [
  ...[...line.matchAll(CALL)].map(
    ([, method = "", path = ""]): Route => ({
      method: method.toUpperCase() === "POST" ? "POST" : "GET",
      path,
      file,
    }),
  ),
  ...[...line.matchAll(ROUTE)].map(
    ([, path = "", rest = ""]): Route => ({
      method: /["']POST["']/i.test(rest) ? "POST" : "GET",
      path,
      file,
    }),
  ),
  ...[...line.matchAll(BY_HAND)].map(
    ([, path = ""]): Route => ({
      // By hand the method stands on the same line, or in the handler's name: do_POST, doPost.
      method: /["'`]POST["'`]|do_?POST/i.test(line) || /do_?POST/i.test(above) ? "POST" : "GET",
      path,
      file,
    }),
  ),
];

/** Routes in the order of the code, each once. A client's own calls look alike: only files that serve are read. */
export const findRoutes = (files: ReadonlyMap<string, string>): Route[] => {
  const routes: Route[] = [];
  for (const [file, text] of files) {
    if (!isSource(file)) continue;
    let handler = "";
    for (const whole of text.split(/\r?\n/)) {
      const line = whole.slice(0, LONGEST_LINE);
      if (/def do_|doGet|doPost/.test(line)) handler = line;
      for (const route of routesOfLine(line, file, handler)) {
        const known = routes.some(({ method, path }) => method === route.method && path === route.path);
        if (!known && routes.length < MOST_ROUTES) routes.push(route);
      }
    }
  }
  return routes;
};

/** A quoted path by which services usually say that they are ready; of code first, then of READMEs. */
export const readyOfCode = (files: ReadonlyMap<string, string>): string | undefined => {
  for (const kind of [isSource, isProse]) {
    const paths = [...files]
      .filter(([path]) => kind(path))
      .flatMap(([, text]) => [...text.matchAll(/["'`](\/[a-z/]{3,20})["'`]/g)].map(([, path = ""]) => path));
    const ready = readyAmong(paths);
    if (ready !== undefined) return ready;
  }
  return undefined;
};

const QUESTION = "What can you help me with?";
const FIELDS = ["question", "query", "prompt", "message", "text", "input", "q"] as const;

/** A body that many services take: the usual fields for a question that its file names. */
const bodyFor = (text: string): Readonly<Record<string, unknown>> => {
  const names = FIELDS.filter((field) => new RegExp(`["'.{,]\\s?${field}\\b|\\b${field}\\s?:`).test(text));
  return {
    ...(/\bmessages\b/.test(text) ? { messages: [{ role: "user", content: QUESTION }] } : {}),
    ...Object.fromEntries(names.map((name) => [name, QUESTION])),
  };
};

/** Made-up requests for routes: POSTs where there are some, for they are where the work is done. */
export const requestsOfRoutes = (
  routes: readonly Route[],
  files: ReadonlyMap<string, string>,
): SampleRequest[] => {
  const posts = routes.filter(({ method }) => method === "POST");
  const chosen = posts.length > 0 ? posts : routes.filter(({ method }) => method === "GET");
  return chosen.map(({ method, path, file }, index) => ({
    id: requestId(index, method, path),
    method,
    path,
    ...(method === "POST" ? { body: bodyFor(files.get(file) ?? "") } : {}),
  }));
};

/** Field of a JSON answer by which the code marks a fallback. */
export interface FoundMark {
  readonly path: string;
  readonly value: string | boolean;
  readonly seenIn: string;
}

const MARKS: readonly (readonly [RegExp, (match: RegExpExecArray) => Omit<FoundMark, "seenIn">])[] = [
  [
    /\b(is_?fallback|fallback|degraded)["']?\s?[:=]\s?(?:true|True)\b/i,
    ([, name = ""]) => ({ path: name, value: true }),
  ],
  [
    /\b(source|mode|status)["']?\s?[:=]\s?["'](fallback|degraded)["']/,
    ([, name = "", value = ""]) => ({ path: name, value }),
  ],
];

/** How an answer says that it is a fallback, as far as the code tells. */
export const findMark = (files: ReadonlyMap<string, string>): FoundMark | undefined => {
  for (const [path, text] of files) {
    if (!isSource(path) || safePlace(path) === null) continue;
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      for (const [pattern, mark] of MARKS) {
        const match = pattern.exec(line.slice(0, LONGEST_LINE));
        if (match !== null) return { ...mark(match), seenIn: `${path}:${index + 1}` };
      }
    }
  }
  return undefined;
};

/** Does the service keep answers? Then only texts that differ reach the model. */
export const keepsAnswers = (files: ReadonlyMap<string, string>): boolean =>
  [...files].some(
    ([path, text]) =>
      isSource(path) &&
      /\b\w{0,20}cache(?:d|s)?(?:\b|_|\.)/i.test(text.replaceAll(/cache-control|no-cache|@?lru_cache/gi, "")),
  );

const TEXT_FIELD = /^(?:question|query|prompt|message|content|text|input|q)$/;

/** Adds {{nonce}}, which differs in every request, to the first text that asks something. */
export const withNonce = (body: unknown): unknown => {
  let done = false;
  const visit = (value: unknown, name: string, depth: number): unknown => {
    if (done || depth > 6) return value;
    if (typeof value === "string" && TEXT_FIELD.test(name)) {
      done = true;
      return `${value} {{nonce}}`;
    }
    if (Array.isArray(value)) {
      // The last message is the one that is asked; what stands before it may be a fixed instruction.
      const items = [...(value as unknown[])];
      const last = items.length - 1;
      if (last >= 0) items[last] = visit(items[last], name, depth + 1);
      return items;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, visit(inner, key, depth + 1)]),
    );
  };
  return visit(body, "", 0);
};
