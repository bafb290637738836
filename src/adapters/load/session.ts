import { SquallError } from "../../core/errors.ts";
import { requestKey } from "../../core/exchange.ts";
import type { Observation } from "../../core/observation.ts";
import type { RequestTemplate, Workload } from "../../core/workload.ts";
import type { LoadStart, PlannedRequest } from "../../run/ports.ts";
import { classify, type EndMarks } from "./classify.ts";
import { type Connections, openConnections, type Target } from "./connections.ts";
import { Exchange, type Exchanged } from "./exchange.ts";
import { type CompiledExpectation, compileExpectation } from "./expectations.ts";
import { checkSendable, type PreparedRequest, prepareRequest } from "./prepare-request.ts";

/** Repetition of the calm pass's requests: their answers are the measure, and are held against none. */
export const CALM_REPETITION = -1;

interface LoadedTemplate {
  readonly template: RequestTemplate;
  readonly expectation: CompiledExpectation;
}

/** What the calm pass learnt of one request. */
interface CalmAnswer {
  readonly hash: string;
  readonly marks: EndMarks;
}

export interface Send {
  readonly planned: PlannedRequest;
  readonly window: number;
  /** performance.now() of the window's start and of the scheduled instant. */
  readonly startMs: number;
  readonly scheduledMs: number;
  /** Made beforehand; made now where absent. */
  readonly prepared?: PreparedRequest;
}

/** Beyond a microsecond the digits are noise, and rows are stored by the thousand. */
const inMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Templates, connections and calm answers of one run: sends requests and turns what came back into observations. */
export class Session implements Disposable {
  readonly workload: Workload;
  readonly templates: readonly RequestTemplate[];
  readonly connections: Connections;
  readonly #seed: number;
  readonly #host: string;
  readonly #loaded = new Map<string, LoadedTemplate>();
  readonly #calm = new Map<string, CalmAnswer>();

  /** @throws SquallError `request-set-invalid` for a request that can not be sent or whose schema does not compile */
  constructor(start: LoadStart, target: Target) {
    this.workload = start.workload;
    this.templates = start.requests;
    this.#seed = start.seed;
    this.#host = target.host;
    for (const template of start.requests) {
      this.#loaded.set(template.id, { template, expectation: compileExpectation(template) });
      checkSendable(template, this.prepare(template.id, 0));
    }
    this.connections = openConnections(target, start.workload.connections);
  }

  prepare(requestId: string, repetition: number): PreparedRequest {
    const { template } = this.#find(requestId);
    return prepareRequest({
      template,
      workload: this.workload,
      host: this.#host,
      seed: this.#seed,
      repetition,
    });
  }

  /** Sends now. The returned exchange's end becomes an observation by `observe`. */
  send(send: Send): Exchange {
    const { planned } = send;
    return new Exchange({
      prepared: send.prepared ?? this.prepare(planned.requestId, planned.repetition),
      template: this.#find(planned.requestId).template,
      workload: this.workload,
      connections: this.connections,
      scheduledMs: send.scheduledMs,
      abortAfterEvents: planned.abortAfterEvents,
    });
  }

  observe(send: Send, exchanged: Exchanged): Observation {
    const { planned, scheduledMs } = send;
    const { template, expectation } = this.#find(planned.requestId);
    const { answer } = exchanged;
    const calm = planned.repetition === CALM_REPETITION ? undefined : this.#calm.get(planned.requestId);
    const statusAllowed = expectation.statusAllowed(exchanged.status);
    const checked = { ...answer, stream: answer.facts.stream, calmHash: calm?.hash };
    // Content is held against expectations only where the wire delivered one.
    const delivered = exchanged.transport.type === "complete" || answer.facts.marks.sentinel;
    const expectationsHold =
      delivered &&
      statusAllowed &&
      expectation.holds(checked) &&
      !(template.stream === true && !answer.facts.stream && !answer.facts.degraded);
    const outcome = classify({
      transport: exchanged.transport,
      status: exchanged.status,
      statusAllowed,
      answer: answer.facts,
      mustComplete: template.expect.streamComplete ?? true,
      calmMarks: calm?.marks,
      expectationsHold,
    });
    return {
      window: send.window,
      slot: planned.slot,
      requestId: planned.requestId,
      repetition: planned.repetition,
      scheduledMs: inMicroseconds(scheduledMs - send.startMs),
      lagMs: inMicroseconds(exchanged.sentMs - scheduledMs),
      ttftMs:
        exchanged.firstContentMs === null ? null : inMicroseconds(exchanged.firstContentMs - scheduledMs),
      latencyMs: inMicroseconds(exchanged.endedMs - scheduledMs),
      outcome,
      status: exchanged.status,
      hit: planned.hit,
      maxGapMs: exchanged.maxGapMs === null ? null : inMicroseconds(exchanged.maxGapMs),
      chunks: exchanged.chunks,
      bytes: exchanged.bytes,
      answerHash: answer.hash,
    };
  }

  /** Remembers a good calm answer: later answers are held against it (equalsCalm, end marks). */
  learn(observation: Observation, exchanged: Exchanged): void {
    if (observation.outcome !== "ok") return;
    this.#calm.set(observation.requestId, {
      hash: exchanged.answer.hash,
      marks: exchanged.answer.facts.marks,
    });
  }

  [Symbol.dispose](): void {
    this.connections.close();
  }

  #find(requestId: string): LoadedTemplate {
    const loaded = this.#loaded.get(requestId);
    if (loaded === undefined) {
      throw new SquallError(
        "internal",
        `the plan names request ${requestKey(requestId, 0)}, which the set lacks`,
      );
    }
    return loaded;
  }
}

/** Observation of a request that was never sent, for want of a free place. */
export const unsentObservation = (send: Send, nowMs: number): Observation => ({
  window: send.window,
  slot: send.planned.slot,
  requestId: send.planned.requestId,
  repetition: send.planned.repetition,
  scheduledMs: inMicroseconds(send.scheduledMs - send.startMs),
  lagMs: inMicroseconds(nowMs - send.scheduledMs),
  ttftMs: null,
  latencyMs: inMicroseconds(nowMs - send.scheduledMs),
  outcome: "unsent",
  status: 0,
  hit: send.planned.hit,
  maxGapMs: null,
  chunks: 0,
  bytes: 0,
  answerHash: "",
});
