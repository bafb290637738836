import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Deadlines, RequestTemplate, Workload } from "../../core/workload.ts";
import { AnswerReader, NO_ANSWER, type ReadAnswer } from "./answer-reader.ts";
import type { TransportEnd } from "./classify.ts";
import type { Connections } from "./connections.ts";
import { nextDeadline } from "./deadline.ts";
import type { PreparedRequest } from "./prepare-request.ts";
import { transportFailure } from "./transport-failure.ts";

/** One exchange as it went over the wire. Times on performance.now(). */
export interface Exchanged {
  readonly sentMs: number;
  readonly firstContentMs: number | null;
  readonly endedMs: number;
  readonly transport: TransportEnd;
  readonly status: number;
  readonly maxGapMs: number | null;
  /** Content events of a stream; 1 for another answer with a body. */
  readonly chunks: number;
  readonly bytes: number;
  readonly answer: ReadAnswer;
}

export interface ExchangeOptions {
  readonly prepared: PreparedRequest;
  readonly template: RequestTemplate;
  readonly workload: Workload;
  readonly connections: Connections;
  /** performance.now() at which it was to be sent: deadlines count from here. */
  readonly scheduledMs: number;
  readonly abortAfterEvents: number | undefined;
}

/**
 * Sends one request and follows its answer to the end, to a failure or to a deadline. The connection is asked for before
 * anything else is built, so that the kernel sends the SYN at the scheduled instant.
 */
export class Exchange {
  readonly ended: Promise<Exchanged>;
  readonly #options: ExchangeOptions;
  readonly #deadlines: Deadlines;
  readonly #sentMs: number;
  #resolve: (exchanged: Exchanged) => void = () => undefined;
  #request: ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reader: AnswerReader | undefined;
  #over = false;
  #connectedMs: number | null = null;
  #headersMs: number | null = null;
  #firstContentMs: number | null = null;
  #lastContentMs: number | null = null;
  #sentinelMs: number | null = null;
  #maxGapMs: number | null = null;
  #status = 0;
  #events = 0;
  #bytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#deadlines = options.workload.deadlines;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#sentMs = performance.now();
    try {
      this.#send();
    } catch (error) {
      this.#end(transportFailure(error, false));
    }
  }

  /** Ends it from outside (the run was interrupted). */
  cancel(): void {
    this.#end({ type: "hung-up" });
  }

  #send(): void {
    const { prepared, connections } = this.#options;
    const connection = connections.forRequest();
    const request = httpRequest({
      ...connection,
      method: prepared.method,
      path: prepared.path,
      headers: prepared.headers,
      setHost: false,
    });
    this.#request = request;
    request.on("socket", (socket) => this.#watchSocket(socket));
    request.on("response", (response) => this.#takeResponse(response));
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.#end({ type: "failed", outcome: "malformed" });
    });
    request.on("error", (error) => this.#end(transportFailure(error, this.#connectedMs !== null)));
    request.on("close", () => this.#end({ type: "failed", outcome: "reset" }));
    request.end(prepared.body);
    this.#arm();
  }

  #watchSocket(socket: Socket): void {
    if (socket.connecting) socket.once("connect", () => this.#connected());
    else this.#connected();
  }

  #connected(): void {
    this.#connectedMs = performance.now();
    this.#arm();
  }

  #takeResponse(response: IncomingMessage): void {
    this.#headersMs = performance.now();
    this.#status = response.statusCode ?? 0;
    const reader = new AnswerReader({
      template: this.#options.template,
      workload: this.#options.workload,
      headers: response.headers,
      onContent: () => this.#contentEvent(),
      onSentinel: () => {
        this.#sentinelMs ??= performance.now();
      },
    });
    this.#reader = reader;
    response.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (!reader.stream) this.#contentEvent();
      reader.write(chunk);
    });
    response.on("end", () => {
      this.#end(response.complete ? { type: "complete" } : { type: "failed", outcome: "reset" });
    });
    response.on("error", (error) => this.#end(transportFailure(error, true)));
    response.on("close", () => this.#end({ type: "failed", outcome: "reset" }));
    if (this.#options.abortAfterEvents === 0) this.#end({ type: "hung-up" });
    this.#arm();
  }

  #contentEvent(): void {
    if (this.#over) return;
    const now = performance.now();
    if (this.#lastContentMs !== null) {
      this.#maxGapMs = Math.max(this.#maxGapMs ?? 0, now - this.#lastContentMs);
    }
    this.#firstContentMs ??= now;
    this.#lastContentMs = now;
    this.#events += 1;
    if (this.#events === this.#options.abortAfterEvents) this.#end({ type: "hung-up" });
  }

  /** One timer an exchange: when it fires, whatever deadline holds by then is looked at anew. */
  #arm(): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    const next = nextDeadline(
      {
        scheduledMs: this.#options.scheduledMs,
        connectedMs: this.#connectedMs,
        headersMs: this.#headersMs,
        firstContentMs: this.#firstContentMs,
        lastContentMs: this.#lastContentMs,
      },
      this.#deadlines,
    );
    const leftMs = next.atMs - performance.now();
    if (leftMs <= 0) this.#end({ type: "failed", outcome: next.outcome });
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(leftMs), 0x7fffffff));
  }

  #end(transport: TransportEnd): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const endedMs = performance.now();
    if (transport.type !== "complete") this.#request?.destroy();
    void this.#finish(transport, endedMs);
  }

  async #finish(transport: TransportEnd, endedMs: number): Promise<void> {
    const answer = (await this.#reader?.end(transport.type === "complete")) ?? NO_ANSWER;
    const stream = this.#reader?.stream ?? false;
    this.#reader?.destroy();
    this.#resolve({
      sentMs: this.#sentMs,
      firstContentMs: this.#firstContentMs,
      // The sentinel is the answer's end for its reader, whatever the connection does afterwards.
      endedMs: transport.type === "hung-up" ? endedMs : (this.#sentinelMs ?? endedMs),
      transport,
      status: this.#status,
      maxGapMs: stream ? this.#maxGapMs : null,
      chunks: stream ? this.#events : Math.min(1, this.#events),
      bytes: this.#bytes,
      answer,
    });
  }
}
