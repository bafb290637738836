import { createHash } from "node:crypto";
import { bodyOf, watched } from "./answer-body.ts";
import { headerOf } from "./outcome.ts";
import type { CallAnswer, RemedyCall, RemedyFactory } from "./remedy.ts";
import { lacksItsEnd } from "./whole-stream.ts";

/** A longer answer is not kept; nor more than so much in all, whatever the number of entries. */
const MAX_ENTRY_BYTES = 1024 * 1024;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly answer: Omit<CallAnswer, "body">;
  readonly chunks: readonly Buffer[];
  readonly trailers: readonly string[];
  readonly bytes: number;
  readonly untilMs: number;
}

/** What an answer may depend on, as far as it can be known from here. */
const keyOf = (call: RemedyCall, body: Buffer): string => {
  const hash = createHash("sha256");
  const said = ["authorization", "x-api-key", "accept", "accept-encoding"].map(
    (name) => headerOf(call.rawHeaders, name) ?? null,
  );
  hash.update(JSON.stringify([call.method, call.path, said]));
  return hash.update(body).digest("base64");
};

/** The least recently used go first. */
class Entries {
  private readonly most: number;
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;

  constructor(most: number) {
    this.most = most;
  }

  get(key: string): Entry | undefined {
    const entry = this.take(key);
    if (entry === undefined || performance.now() >= entry.untilMs) return undefined;
    this.add(key, entry);
    return entry;
  }

  add(key: string, entry: Entry): void {
    this.take(key);
    this.entries.set(key, entry);
    this.bytes += entry.bytes;
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.most && this.bytes <= MAX_TOTAL_BYTES) break;
      this.take(oldest);
    }
  }

  private take(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    this.bytes -= entry?.bytes ?? 0;
    return entry;
  }
}

/**
 * Whole 2xx answers are given again to the same call (method, path, body, credentials, what is accepted) for `forMs`: same
 * headers, same bytes, all at once. They are kept as they stream by; a cut one, and a model's stream without its end, is not.
 */
export const cache: RemedyFactory<"cache"> = ({ forMs, entries: most }) => {
  const entries = new Entries(most);
  return async (call, next, act) => {
    if (call.body.type === "passing") return next(call);
    const key = keyOf(call, call.body.bytes);
    const known = entries.get(key);
    if (known !== undefined) {
      act();
      return { ...known.answer, body: bodyOf(known.chunks, known.trailers) };
    }
    const outcome = await next(call);
    if (outcome.type === "failed" || outcome.status < 200 || outcome.status > 299) return outcome;
    const { body: passing, ...answer } = outcome;
    let chunks: Buffer[] = [];
    let bytes = 0;
    const body = watched(
      passing,
      (piece) => {
        if (piece.type === "bytes") {
          bytes += piece.bytes.length;
          if (bytes <= MAX_ENTRY_BYTES) chunks.push(piece.bytes);
          else chunks = [];
        }
        if (piece.type !== "end" || bytes > MAX_ENTRY_BYTES) return;
        if (lacksItsEnd(headerOf(answer.rawHeaders, "content-type"), chunks)) return;
        const untilMs = performance.now() + forMs;
        entries.add(key, { answer, chunks, trailers: piece.trailers, bytes, untilMs });
      },
      () => {},
    );
    return { ...answer, body };
  };
};
