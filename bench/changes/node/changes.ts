/** Pull requests to examples/answers, the answering service in TypeScript. */
import { type Change, careless, edit, harmless } from "../change.ts";

export const CHANGES: readonly Change[] = [
  careless(
    "retries-gone",
    "Simplify the model client: the provider retries for us",
    ["llm", "llm-fails-once", "llm-rate-limited", "llm-down", "llm-hangs"],
    edit("model.ts", "const ATTEMPTS = 2;", "const ATTEMPTS = 1;"),
  ),
  careless(
    "timeout-60s",
    "Long answers were cut off: raise the deadline",
    ["llm", "llm-hangs"],
    edit("model.ts", "const CALL_DEADLINE_MS = 1500;", "const CALL_DEADLINE_MS = 60_000;"),
  ),
  careless(
    "retry-after-uncapped",
    "Honour Retry-After as the provider asks",
    ["llm", "llm-rate-limited"],
    edit("model.ts", "const LONGEST_RETRY_WAIT_MS = 200;", "const LONGEST_RETRY_WAIT_MS = 60_000;"),
  ),
  careless(
    "fallback-gone",
    "Remove the FAQ fallback: dead code",
    ["llm", "llm-down", "llm-hangs", "llm-rate-limited"],
    edit("server.ts", "fallback: true,", "fallback: false,"),
  ),
  careless(
    "truncation-unseen",
    "Some providers send no finish reason",
    ["llm", "llm-cut"],
    edit(
      "model.ts",
      'if (!finished) throw new ModelUnavailable("the stream ended without a finish reason");',
      "void finished;",
    ),
  ),
  careless(
    "retry-storm",
    "Be more persistent with the model",
    ["llm", "llm-down", "llm-rate-limited"],
    edit("model.ts", "const ATTEMPTS = 2;", "const ATTEMPTS = 6;"),
    edit("model.ts", "const LONGEST_RETRY_WAIT_MS = 200;", "const LONGEST_RETRY_WAIT_MS = 1;"),
  ),
  careless(
    "aborts-not-passed",
    "Let the model finish, for the cache",
    ["llm", "clients-hang-up"],
    edit(
      "model.ts",
      "signal: AbortSignal.any([ask.signal, AbortSignal.timeout(CALL_DEADLINE_MS)]),",
      "signal: AbortSignal.timeout(CALL_DEADLINE_MS),",
    ),
  ),
  careless(
    "ready-lies",
    "Readiness flapped: answer as soon as the process is up",
    ["llm", "llm-down"],
    edit("app.ts", "return looks.every(Boolean);", "return looks.length > 0;"),
  ),
  careless(
    "crash-on-garbage",
    "Count the tokens of every event, off the hot path",
    ["llm", "llm-garbled"],
    edit(
      "model.ts",
      'if (data === "[DONE]") break;',
      'if (data === "[DONE]") break;\n    setImmediate(() => void JSON.parse(data));',
    ),
  ),
  careless(
    "search-timeout-gone",
    "The index is local: no deadline needed",
    ["vector", "vector-hangs"],
    edit("app.ts", "const SEARCH_DEADLINE_MS = 400;", "const SEARCH_DEADLINE_MS = 30_000;"),
  ),
  careless(
    "slow-restart",
    "Warm up before taking traffic",
    ["service", "killed"],
    edit(
      "server.ts",
      "startApp(\n",
      "await new Promise((resolve) => setTimeout(resolve, 4000));\nstartApp(\n",
    ),
  ),
  careless(
    "pool-of-two",
    "Limit the calls that we have open at the model",
    // Wherever calls take longer, two places are too few.
    ["llm", "control", "llm-hangs", "llm-down", "llm-rate-limited", "vector-slow", "all"],
    edit(
      "model.ts",
      "export const askModel: AskModel = async function* (ask) {",
      `let open2 = 0;
const waiting: (() => void)[] = [];
export const askModel: AskModel = async function* (ask) {
  if (open2 >= 2) await new Promise<void>((resolve) => waiting.push(resolve));
  open2 += 1;
  try {
    yield* askOne(ask);
  } finally {
    open2 -= 1;
    waiting.shift()?.();
  }
};
const askOne: AskModel = async function* (ask) {`,
    ),
  ),
  harmless(
    "renamed",
    "Rename the internals of the search",
    edit(
      "app.ts",
      "const search = async (vectorUrl: string,",
      "const findEntries = async (vectorUrl: string,",
    ),
    edit("app.ts", "await search(options.vectorUrl,", "await findEntries(options.vectorUrl,"),
  ),
  harmless(
    "log-lines",
    "Log every question as JSON",
    edit(
      "app.ts",
      "const answer = stream === true ? streamed(response) : whole(response);",
      "console.log(JSON.stringify({ at: Date.now(), question }));\n  const answer = stream === true ? streamed(response) : whole(response);",
    ),
  ),
  harmless(
    "refactored",
    "Read the body in one go",
    edit(
      "app.ts",
      'for await (const chunk of request.setEncoding("utf8")) {\n    text += chunk;\n    if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");\n  }',
      'const chunks: Buffer[] = [];\n  for await (const chunk of request) chunks.push(chunk as Buffer);\n  text = Buffer.concat(chunks).toString("utf8");\n  if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");',
    ),
  ),
  harmless(
    "two-percent-slower",
    "Check every question for banned words",
    edit(
      "app.ts",
      "const hits = await search(options.vectorUrl, question, gone.signal);",
      "await new Promise((resolve) => setTimeout(resolve, 2));\n    const hits = await search(options.vectorUrl, question, gone.signal);",
    ),
  ),
  harmless(
    "faster-path",
    "Keep the connections to the index open and ask for one entry",
    edit(
      "app.ts",
      "body: JSON.stringify({ vector: embed(question), limit: 2 }),",
      "body: JSON.stringify({ vector: embed(question), limit: 1 }),",
    ),
  ),
];
