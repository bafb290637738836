import { lookup } from "node:dns/promises";
import { Worker } from "node:worker_threads";
import { SquallError } from "../../core/errors.ts";
import type { Observation } from "../../core/observation.ts";
import { entryFile } from "../../run/entries.ts";
import type { LoadGenerator, LoadResult, LoadWindow, StartLoad } from "../../run/ports.ts";
import type { Target } from "./connections.ts";
import type { Command, FromThread, ThreadData, ThrownError, ToThread } from "./protocol.ts";

/** Room for many windows' worth of short-lived objects: fewer collections while requests are timed. */
const YOUNG_GENERATION_MB = 64;
/** A thread that does not end by itself in this time is ended. */
const CLOSE_MS = 1000;

const asError = (error: ThrownError): SquallError =>
  new SquallError(error.code, error.message, {
    detail: error.detail,
    ...(error.place === undefined ? {} : { place: error.place }),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  });

const crashed = (how: string, cause?: unknown): SquallError =>
  new SquallError("replay-failed", `the replay thread ended: ${how}`, {
    remedy: "Run again; if it repeats, report it with the lines above.",
    ...(cause === undefined ? {} : { cause }),
  });

/** Resolves the name once, so that no request waits for it. @throws SquallError `replay-failed` */
const targetOf = async (baseUrl: string): Promise<Target> => {
  const url = new URL(baseUrl);
  if (url.protocol !== "http:") {
    throw new SquallError(
      "replay-failed",
      `can not replay to ${url.protocol}//: the client edge speaks http`,
      {
        remedy: "Let the sidecar's client edge end TLS, or give an http:// base URL.",
      },
    );
  }
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  try {
    const { address } = await lookup(name, { order: "ipv4first" });
    return { address, port: Number(url.port || 80), host: url.host };
  } catch (cause) {
    throw new SquallError("replay-failed", `can not resolve ${name}`, {
      place: baseUrl,
      remedy: "Check the name in the base URL.",
      cause,
    });
  }
};

interface PendingCall {
  readonly resolve: (answer: FromThread) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread and the calls that wait for it. */
class ReplayThread {
  readonly #worker: Worker;
  readonly #calls = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  #ended: SquallError | undefined;
  #lastCall = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: FromThread) => this.#take(message));
    worker.on("error", (error) =>
      this.#endAll(crashed(error instanceof Error ? error.message : String(error), error)),
    );
    worker.on("messageerror", (error) => this.#endAll(crashed("a message could not be read", error)));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", (code) => {
        this.#endAll(crashed(`exit code ${code}`));
        resolve();
      });
    });
  }

  /** Call 0 is the start itself: it waits for `ready`. */
  async ready(): Promise<void> {
    await new Promise<FromThread>((resolve, reject) => {
      this.#calls.set(0, { resolve, reject });
    });
  }

  async call(command: (call: number) => Command, signal: AbortSignal | undefined): Promise<FromThread> {
    const interrupted = new SquallError("interrupted", "the replay was interrupted");
    if (this.#ended !== undefined) throw this.#ended;
    if (signal?.aborted === true) throw interrupted;
    this.#lastCall += 1;
    const call = this.#lastCall;
    const cancel = (): void => this.#post({ type: "cancel", call });
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const answer = await new Promise<FromThread>((resolve, reject) => {
        this.#calls.set(call, { resolve, reject });
        this.#post(command(call));
      });
      if (answer.type === "cancelled") throw interrupted;
      return answer;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async close(): Promise<void> {
    this.#endAll(new SquallError("replay-failed", "the replay thread was closed"));
    this.#post({ type: "close" });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }

  #take(message: FromThread): void {
    const call = message.type === "ready" ? 0 : (message.call ?? 0);
    const pending = this.#calls.get(call);
    this.#calls.delete(call);
    if (message.type === "failed") pending?.reject(asError(message.error));
    else pending?.resolve(message);
  }

  #endAll(error: SquallError): void {
    this.#ended ??= error;
    for (const pending of this.#calls.values()) pending.reject(this.#ended);
    this.#calls.clear();
  }
}

const unexpected = (answer: FromThread): SquallError =>
  new SquallError("internal", `the replay thread answered ${answer.type}`);

const generator = (thread: ReplayThread, counters: Int32Array): LoadGenerator => ({
  counts: () => ({ ended: Atomics.load(counters, 0), failed: Atomics.load(counters, 1) }),
  calmPass: async (signal): Promise<readonly Observation[]> => {
    const answer = await thread.call((call) => ({ type: "calm-pass", call }), signal);
    if (answer.type !== "calm-pass-done") throw unexpected(answer);
    return answer.observations;
  },
  run: async (window: LoadWindow, signal): Promise<LoadResult> => {
    const answer = await thread.call((call) => ({ type: "run", call, window }), signal);
    if (answer.type !== "run-done") throw unexpected(answer);
    return answer.result;
  },
  probeUntilGood: async ({ timeoutMs, intervalMs, signal }): Promise<number | null> => {
    const answer = await thread.call((call) => ({ type: "probe", call, timeoutMs, intervalMs }), signal);
    if (answer.type !== "probe-done") throw unexpected(answer);
    return answer.goodAtMs;
  },
  [Symbol.asyncDispose]: () => thread.close(),
});

/**
 * Starts the generator in a thread of its own: beside other work on the main thread its requests would leave 20 ms late.
 *
 * @throws SquallError `request-set-invalid` for a request that can not be sent or whose schema does not compile,
 *   `replay-failed` where the address can not be resolved or the thread does not start
 */
export const startLoad: StartLoad = async (start) => {
  const target = await targetOf(start.baseUrl);
  const counters = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = { start, target, counters };
  const worker = new Worker(entryFile("replay-worker"), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const thread = new ReplayThread(worker);
  try {
    await thread.ready();
  } catch (error) {
    await thread.close();
    throw error;
  }
  return generator(thread, new Int32Array(counters));
};
