/** The door for request sets: JSONL (ours and OpenAI batch) and HAR 1.2. */
import type { RequestSet, RequestTemplate } from "../../core/workload.ts";
import { requestSetHash } from "./canonical.ts";
import { readHar } from "./har.ts";
import { readLine } from "./jsonl.ts";
import { type Problem, problemsError, shown } from "./problems.ts";
import { MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_REQUESTS } from "./template.ts";

/** Of a training job, which is sent nothing. */
export const NO_REQUESTS: RequestSet = { requests: [], hash: "" };

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

const readLines = (text: string, problems: Problem[]): RequestTemplate[] => {
  const requests: RequestTemplate[] = [];
  const seen = new Map<string, number>();
  let lineNumber = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    lineNumber++;
    if (line.trim() === "") continue;
    const at = String(lineNumber);
    if (requests.length >= MAX_REQUESTS) {
      problems.push({ at, key: "", found: "one request more", allowed: `at most ${MAX_REQUESTS} requests` });
      break;
    }
    if (line.length > MAX_LINE_BYTES || Buffer.byteLength(line) > MAX_LINE_BYTES) {
      problems.push({
        at,
        key: "",
        found: `a line of ${megabytes(Buffer.byteLength(line))}`,
        allowed: `lines of at most ${megabytes(MAX_LINE_BYTES)}`,
      });
      continue;
    }
    const read = readLine(line, lineNumber, problems);
    if (read === null) continue;
    const first = seen.get(read.template.id);
    if (first !== undefined) {
      const found = `${shown(read.originalId)}, as on line ${first}`;
      problems.push({ at, key: "id", found, allowed: "every id once" });
      continue;
    }
    seen.set(read.template.id, lineNumber);
    requests.push(read.template);
  }
  return requests;
};

/** A HAR file is one JSON object with `log`; a request line never has that key. */
const looksLikeHar = (text: string, file: string): boolean =>
  file.toLowerCase().endsWith(".har") || /^\s*\{\s*"log"\s*:/.test(text.slice(0, 4096));

/**
 * Reads a request set.
 *
 * @param text the file's text
 * @param options `file`: its name, for messages and to tell HAR (`.har`) from JSONL
 * @throws SquallError `request-set-invalid` with every problem: file:line, what was found, what is allowed
 */
export const loadRequestSet = (text: string, options: { readonly file: string }): RequestSet => {
  const { file } = options;
  const problems: Problem[] = [];
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) {
    const found = `a file of ${megabytes(Buffer.byteLength(text))}`;
    throw problemsError(file, [{ at: "1", key: "", found, allowed: `at most ${megabytes(MAX_FILE_BYTES)}` }]);
  }
  // A byte order mark is no part of the first line.
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const requests = looksLikeHar(clean, file) ? readHar(clean, problems) : readLines(clean, problems);
  if (problems.length === 0 && requests.length === 0) {
    problems.push({ at: "1", key: "", found: "no request", allowed: "at least one request" });
  }
  if (problems.length > 0) throw problemsError(file, problems);
  return { requests, hash: requestSetHash(requests) };
};
