import { type AttributedBy, REQUEST_KEY_HEADER } from "../core/exchange.ts";
import type { Attribution } from "../core/sidecar-protocol.ts";
import { fingerprint, foldSpace, searchableText, withoutNonces } from "./fingerprint.ts";

export interface Attributed {
  readonly key: string | null;
  readonly by: AttributedBy;
}

const NOBODY: Attributed = { key: null, by: "none" };
/** Oldest entries are dropped beyond these: a run has some ten thousand requests. */
const MAX_TRACES = 20_000;
const MAX_ATTEMPT_KEYS = 50_000;
const MAX_FINGERPRINTS = 200_000;
/** A key is printed in records and compared with marks: what is longer is none of ours. */
const MAX_KEY_LENGTH = 512;
/** Shorter texts would be found in any body. */
const MIN_TEXT_LENGTH = 8;

type HeaderOf = (name: string) => string | undefined;

/**
 * Which client request a dependency's call belongs to. In this order: the header the service passed on; trace context;
 * the call's fingerprint as learned; the longest text of an open request found in the body. An id leads to its
 * repetition: the open one, or where several of one id are open (a slow answer met its next turn), the newest that has not
 * made this call yet, else the oldest, whose retry it then is. Where several ids are possible, the call has none.
 */
export class Attributor {
  /** Open client requests: id -> keys, oldest first. */
  private readonly open = new Map<string, string[]>();
  private readonly traces = new Map<string, string>();
  private readonly learned = new Map<string, Set<string>>();
  private readonly attempts = new Map<string, Map<string, number>>();
  private readonly texts = new Map<string, string>();
  private learning = false;

  /** Returns how many fingerprints are known. */
  configure(attribution: Attribution): number {
    this.learning = attribution.learn;
    this.texts.clear();
    for (const { requestId, text } of attribution.texts) {
      const searched = foldSpace(withoutNonces(text).replaceAll(/\{\{\s*nonce\s*\}\}/g, ""));
      if (searched.length >= MIN_TEXT_LENGTH) this.texts.set(requestId, searched);
    }
    return this.learned.size;
  }

  /** A request arrived on the client edge. */
  openRequest(header: HeaderOf): Attributed {
    const named = keyOf(header(REQUEST_KEY_HEADER));
    const key = named ?? baggageKey(header("baggage"));
    if (key === null) return NOBODY;
    const same = this.open.get(idOf(key));
    if (same === undefined) this.open.set(idOf(key), [key]);
    else if (!same.includes(key)) same.push(key);
    // A new request of that name starts to count its calls anew.
    this.attempts.delete(key);
    const trace = traceId(header("traceparent"));
    if (trace !== null) remember(this.traces, trace, key, MAX_TRACES);
    return { key, by: named === null ? "trace" : "header" };
  }

  closeRequest(key: string): void {
    const left = this.open.get(idOf(key))?.filter((other) => other !== key);
    if (left === undefined || left.length === 0) this.open.delete(idOf(key));
    else this.open.set(idOf(key), left);
  }

  /** What the head of a dependency's call tells. */
  byHead(header: HeaderOf): Attributed {
    const named = keyOf(header(REQUEST_KEY_HEADER));
    if (named !== null) return { key: named, by: "header" };
    const carried = baggageKey(header("baggage"));
    if (carried !== null) return { key: carried, by: "trace" };
    const trace = traceId(header("traceparent"));
    const traced = trace === null ? undefined : this.traces.get(trace);
    return traced === undefined ? NOBODY : { key: traced, by: "trace" };
  }

  /** What the whole call tells; in learn mode also teaches the map. */
  byBody(edge: string, method: string, path: string, body: Buffer): Attributed {
    if (this.open.size === 0) return NOBODY;
    const print = fingerprint(method, path, body);
    const call = callName(edge, method, path);
    const [[onlyId, onlyKeys] = [], another] = this.open;
    if (this.learning && another === undefined && onlyId !== undefined && onlyKeys?.length === 1) {
      this.learn(print, onlyId);
      return { key: onlyKeys[0] ?? null, by: "fingerprint" };
    }
    const ids = this.learned.get(print);
    if (ids !== undefined) {
      const possible = [...ids].filter((id) => this.open.has(id));
      const key = possible.length === 1 ? this.keyOfCall(possible[0] ?? "", call) : null;
      if (key !== null) return { key, by: "fingerprint" };
      // Known, but of no open request: work that outlived its request. A text would only mislead.
      if (possible.length === 0) return NOBODY;
    }
    return this.byText(searchableText(path, body), ids, call);
  }

  /** A call that named its request while learning teaches too. */
  learnNamed(key: string, method: string, path: string, body: Buffer): void {
    if (this.learning) this.learn(fingerprint(method, path, body), idOf(key));
  }

  get isLearning(): boolean {
    return this.learning;
  }

  /** Counts a call: 1 for the request's first of that method and path on the edge. */
  countAttempt(edge: string, key: string, method: string, path: string): number {
    let calls = this.attempts.get(key);
    if (calls === undefined) {
      calls = new Map();
      remember(this.attempts, key, calls, MAX_ATTEMPT_KEYS);
    }
    const call = callName(edge, method, path);
    const attempt = (calls.get(call) ?? 0) + 1;
    calls.set(call, attempt);
    return attempt;
  }

  private learn(print: string, id: string): void {
    const ids = this.learned.get(print);
    if (ids !== undefined) ids.add(id);
    else remember(this.learned, print, new Set([id]), MAX_FINGERPRINTS);
  }

  /** Which open repetition of the id makes this call. */
  private keyOfCall(id: string, call: string): string | null {
    const keys = this.open.get(id) ?? [];
    const fresh = keys.findLast((key) => this.attempts.get(key)?.has(call) !== true);
    return fresh ?? keys[0] ?? null;
  }

  private byText(haystack: string, among: ReadonlySet<string> | undefined, call: string): Attributed {
    let best: string | null = null;
    let bestLength = 0;
    for (const id of this.open.keys()) {
      const text = this.texts.get(id);
      if (text === undefined || text.length < bestLength || (among !== undefined && !among.has(id))) continue;
      if (!haystack.includes(text)) continue;
      // Two texts of the same length: it is not known whose call this is.
      best = text.length === bestLength ? null : this.keyOfCall(id, call);
      bestLength = text.length;
    }
    return best === null ? NOBODY : { key: best, by: "text" };
  }
}

const idOf = (key: string): string => {
  const at = key.lastIndexOf("~");
  return at < 0 ? key : key.slice(0, at);
};

/** A kind of call, whose repetitions are attempts. */
const callName = (edge: string, method: string, path: string): string =>
  `${edge} ${method} ${path.split("?", 1)[0]}`;

const keyOf = (value: string | undefined): string | null => {
  if (value === undefined || value.length > MAX_KEY_LENGTH) return null;
  return /^[^,]*~-?\d+$/.test(value) ? value : null;
};

/** The `squall` member of a baggage header (W3C Baggage): percent-decoded, without properties. */
const baggageKey = (value: string | undefined): string | null => {
  if (value === undefined) return null;
  for (const member of value.split(",")) {
    const [name, rest] = member.split("=", 2);
    if (name?.trim() !== "squall" || rest === undefined) continue;
    try {
      return keyOf(decodeURIComponent((rest.split(";", 1)[0] ?? "").trim()));
    } catch {
      return null;
    }
  }
  return null;
};

/** Trace id of a traceparent header (W3C Trace Context). */
const traceId = (value: string | undefined): string | null =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(value ?? "")?.[1] ?? null;

const remember = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) {
    const oldest = map.keys().next().value;
    if (oldest !== undefined) map.delete(oldest);
  }
};
