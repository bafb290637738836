import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LOG_PATTERNS } from "../../../src/config/discover/log-patterns.ts";
import { LogTally, patternOf } from "../../../src/config/discover/log-tally.ts";

test.each([
  ["Error: read ECONNRESET", "connection-reset"],
  ["connect ECONNREFUSED 127.0.0.1:6333", "connection-refused"],
  ["httpx.ConnectError: [Errno -2] Name or service not known", "name-resolution"],
  ["getaddrinfo EAI_AGAIN vector", "name-resolution"],
  ["openai.RateLimitError: Error code: 429 - slow down", "rate-limit"],
  ['10.0.0.1 - "POST /v1/chat HTTP/1.1" 503 17', "server-error"],
  ['{"level":"error","status":502,"path":"/x"}', "server-error"],
  ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "out-of-memory"],
  [
    "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out",
    "pool-exhausted",
  ],
  ["This model's maximum context length is 8192 tokens", "context-length"],
  ["SyntaxError: Unexpected token < in JSON at position 0", "bad-json"],
  ["json.decoder.JSONDecodeError: Expecting value: line 1 column 1", "bad-json"],
  ["httpx.ReadTimeout", "timeout"],
  ["DOMException [TimeoutError]: The operation was aborted due to timeout", "timeout"],
  ["ENOSPC: no space left on device, write", "disk-full"],
  ["peer closed connection without sending complete message body (incomplete chunked read)", "stream-cut"],
  ["Traceback (most recent call last):", "crash"],
  ["(node:1) DeprecationWarning: Buffer()", "deprecation"],
])("%s is %s", (line, pattern) => {
  expect(patternOf(line.toLowerCase())).toBe(pattern);
});

test.each([
  "listening on port 5030",
  "took 429 ms",
  'GET /503 HTTP/1.1" 200',
  "status 5031",
  "timeout: 30s, retries: 3",
  "rate: 60/min",
  "",
])("%j is none", (line) => {
  expect(patternOf(line.toLowerCase())).toBeNull();
});

test("every text is lower case, or it could never be found", () => {
  for (const { texts } of Object.values(LOG_PATTERNS))
    for (const text of texts) expect(text).toBe(text.toLowerCase());
});

test("names are counted as whole words, squall's own lines not at all", () => {
  const tally = new LogTally("service", ["llm", "vector"]);
  for (const line of [
    "2026-11-24T10:15:00.000Z stderr call to LLM failed: ECONNRESET",
    "2026-11-24T10:15:00.000Z stderr http://vector:6333/search: ECONNRESET",
    "2026-11-24T10:15:00.000Z stderr llmproxy and vectors: ECONNRESET",
    "2026-11-24T10:15:00.000Z squall llm ECONNRESET",
  ])
    tally.add(line);
  expect(tally.findings()).toEqual([
    { log: "service", pattern: "connection-reset", lines: 3, naming: { llm: 1, vector: 1 } },
  ]);
});

test("nothing of a line is kept but counts", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
      const tally = new LogTally("service", ["llm", "__proto__", ""]);
      for (const line of lines) tally.add(`${line} ECONNRESET sk-secret-value`);
      const text = JSON.stringify(tally.findings());
      expect(text).not.toContain("sk-secret-value");
      expect(tally.findings()).toHaveLength(lines.length === 0 ? 0 : 1);
    }),
  );
});
