/**
 * One dependency over HTTP: a pool, a deadline for each call, one retry, a breaker.
 *
 *   call(path, body) -> breaker -> attempt -> [wait, attempt] -> response whose body is still to be read
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Breaker } from "./breaker.ts";

const POOL_SIZE = 64;
const ATTEMPTS = 2;
const CALL_DEADLINE_MS = 800;
const BACK_OFF_MS = 50;
const LONGEST_RETRY_WAIT_MS = 300;
const PROBE_DEADLINE_MS = 300;
const FAILURES_TO_OPEN = 8;
const OPEN_MS = 1000;

/** The dependency gave no answer, or only a part of one. */
export class Unavailable extends Error {}

/** Passed on, so that a call can be told whose it was. */
export interface Caller {
  readonly signal: AbortSignal;
  readonly traceparent: string | undefined;
}

export class Upstream {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: POOL_SIZE });
  readonly #breaker = new Breaker(FAILURES_TO_OPEN, OPEN_MS);

  constructor(url: string) {
    this.#url = url;
  }

  /** A 2xx response. @throws Unavailable */
  async call(path: string, body: unknown, caller: Caller): Promise<IncomingMessage> {
    if (!this.#breaker.admits()) throw new Unavailable("the breaker is open");
    try {
      const response = await this.#attempts(path, JSON.stringify(body), caller);
      this.#breaker.succeeded();
      return response;
    } catch (error) {
      // A client that went away says nothing about the dependency.
      if (!caller.signal.aborted) this.#breaker.failed();
      throw error;
    }
  }

  async #attempts(path: string, body: string, caller: Caller): Promise<IncomingMessage> {
    let reason = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      let waitMs = BACK_OFF_MS * (0.5 + Math.random());
      try {
        const response = await this.#send(path, body, caller);
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) return response;
        response.resume();
        reason = `status ${statusCode}`;
        if (statusCode < 500 && statusCode !== 429) break;
        const askedMs = Number(response.headers["retry-after"]) * 1000;
        if (askedMs > 0) waitMs = Math.min(askedMs, LONGEST_RETRY_WAIT_MS);
      } catch (error) {
        if (caller.signal.aborted) throw error;
        reason = String(error);
      }
      if (attempt < ATTEMPTS) await wait(waitMs, undefined, { signal: caller.signal });
    }
    throw new Unavailable(reason);
  }

  async #send(path: string, body: string, { signal, traceparent }: Caller): Promise<IncomingMessage> {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const call = request(this.#url + path, {
        method: "POST",
        agent: this.#agent,
        headers: traceparent === undefined ? headers : { ...headers, traceparent },
        signal,
      });
      const late = setTimeout(() => call.destroy(new Error("deadline")), CALL_DEADLINE_MS);
      call.once("close", () => clearTimeout(late));
      call.once("response", (response) => {
        clearTimeout(late);
        // From here on silence counts, not the whole: an answer may be long.
        call.setTimeout(CALL_DEADLINE_MS, () => call.destroy(new Error("silence")));
        resolve(response);
      });
      call.on("error", reject);
      call.end(body);
    });
  }

  /** Would a call be worth making? */
  async isUp(path: string): Promise<boolean> {
    if (this.#breaker.isOpen) return false;
    try {
      const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** @throws Unavailable */
export const readJson = async (response: IncomingMessage): Promise<unknown> => {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch (error) {
    throw new Unavailable(`the answer broke off: ${String(error)}`);
  }
};
