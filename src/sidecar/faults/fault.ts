/**
 * What a fault on an edge is made of.
 *
 * PUT /state makes one ActiveFault of every placed fault (registry.ts: kind -> factory). Each exchange of an HTTP edge (or
 * each connection of a TCP edge) that fits `match` is seen; strike-selection.ts alone decides by the marks, `attempts`
 * and `first` which of them are struck. A struck one gets hooks of its own from `ActiveFault.strike`:
 *
 *   client                                                                                     upstream
 *     |-- request ---> [beforeRequest] -> [editRequestHead] -> [requestBytes] ----------------->|
 *     |                     | answer / cut                                                       |
 *     |<- [responseBytes] <- framing <- [responseBody] <- [responseEvents] <- [editResponseHead] <- [beforeResponse] --|
 *     |                                                                                          |
 *     '-- FIN either way waits for [delayClose]; silence of both sides for idle.ms calls [idle.onIdle]
 *
 * On a TCP edge only requestBytes (client to upstream), responseBytes, delayClose and idle apply; they also see what passes
 * through an accepted upgrade (WebSocket), which is all one exchange with its request. Several faults that
 * strike one exchange are applied in the order of the state: the first is nearest to the sender.
 *
 * How to add one:
 *   1. A file here, named after the kind, exporting one FaultFactory. The smallest example is http-abort:
 *
 *        export const httpAbort: FaultFactory<"http-abort"> = () => ({
 *          strike: (strike) => ({ beforeRequest: () => (strike.hit(), { type: "cut", how: "reset" }) }),
 *        });
 *
 *   2. Its row in registry.ts. 3. Its test with real sockets in test/sidecar/faults/.
 *
 * Rules:
 * - Call `strike.hit()` at the moment the fault really does something: receipts and records count hits, not intentions.
 *   A stall after ten events in an answer of five is no hit. Calling it again is harmless.
 * - State shared by all strikes of a fault (a rate limit's window) lives in the factory's closure; state of one strike in
 *   the closure of `strike`.
 * - Draw from `strike.random` alone: it is keyed by the request's key and attempt, so base and head draw the same.
 * - Time only by `strike.after` and `strike.wait`: both end by themselves when the fault is cleared or the exchange ends.
 * - When cleared (state replaced, deadline, forMs), let go: `wait` resolves "cleared"; stages get `release`; whatever still
 *   holds something back without a timer registers `strike.onClear`. A fault that swallowed bytes must cut.
 */
import type { EdgeFaultKind, FaultOf } from "../../core/fault.ts";
import type { Random } from "../../core/random.ts";
import type { Marks } from "../../core/sidecar-protocol.ts";

export type CutHow =
  /** RST to both sides, at once. */
  | "reset"
  /** What was already sent is delivered, then FIN to the client; the upstream connection is closed. */
  | "fin";

export interface ExchangeInfo {
  readonly edge: string;
  readonly protocol: "http" | "tcp";
  /** "" on a TCP edge. */
  readonly method: string;
  /** Request target as sent, with query; "" on a TCP edge. */
  readonly path: string;
  /** Value of a request header (name in lower case), several joined with ", ". */
  header(name: string): string | undefined;
  /** Client request behind it, `id~repetition`, where it could be told. */
  readonly requestKey: string | null;
  /** From 1. */
  readonly attempt: number;
  /** Exchanges before this one on the same connection: 0 on a fresh one. */
  readonly indexOnConnection: number;
  /** Silence on the connection before this request's first byte, ms; 0 on a fresh one. */
  readonly idleBeforeMs: number;
}

/** One struck exchange (or TCP connection). */
export interface Strike {
  readonly exchange: ExchangeInfo;
  readonly random: Random;
  /** True once the fault was cleared or the exchange has ended. */
  readonly over: boolean;
  /** The fault really did something now. Counted once a strike. */
  hit(): void;
  readonly hasHit: boolean;
  /** Runs `action` after `ms` unless the fault is cleared or the exchange ends before. Returns the cancelling function. */
  after(ms: number, action: () => void): () => void;
  /** Resolves after `ms`, or as soon as the fault is cleared or the exchange has ended. */
  wait(ms: number): Promise<"elapsed" | "cleared" | "ended">;
  /** Runs when the fault is cleared while the exchange is still open. */
  onClear(action: () => void): void;
  /** Ends the connection of this exchange. */
  cut(how: CutHow): void;
  /** Tells the relay how many bytes more (or fewer) a stage now holds back, so that the sender can be slowed down. */
  held(direction: "upstream" | "downstream", bytes: number): void;
}

/** Where raw bytes go. `end`: the message (HTTP) or the direction (TCP) is over; nothing follows. */
export interface ByteSink {
  write(bytes: Buffer): void;
  end(): void;
}

/** A stage in a stream of bytes. `release`: pass on at once whatever is held, and be transparent from now on. */
export interface ByteStage extends ByteSink {
  release?(): void;
}

/**
 * Decoded response body (chunk framing removed; the framing is made anew behind the last stage). `end` may be called
 * before the upstream's answer is over: the client then sees a cleanly ended answer, and the rest is thrown away.
 */
export type BodySink = ByteSink;
export type BodyStage = ByteStage;

/** One server-sent event, or a comment, with all its bytes: from its first line through the blank line that ends it. */
export interface SseEvent {
  readonly raw: Buffer;
  /** `data:` lines joined by newline; null where there is none (a comment, a lone `event:`). */
  readonly data: string | null;
  /** `event:` field, "" if absent. */
  readonly event: string;
  /** The line ending used by this event, for faults that write events in the same style. */
  readonly newline: "\n" | "\r\n" | "\r";
}

export interface EventSink {
  event(event: SseEvent): void;
  end(): void;
}

/** `release` as for bytes. */
export interface EventStage extends EventSink {
  release?(): void;
}

/** A message head that may be edited. Names keep their case and order. */
export interface EditableHead {
  /** Start line without its line ending. */
  startLine: string;
  headers: { name: string; value: string }[];
}

export interface ResponseHead {
  readonly status: number;
  /** Value of a header (name in lower case), several joined with ", ". */
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type RequestVerdict =
  | { readonly type: "forward" }
  | { readonly type: "answer"; readonly answer: Answer }
  | { readonly type: "cut"; readonly how: CutHow };

/**
 * What a fault does to one struck exchange. Give only the hooks the fault needs: each one that edits an answer costs its
 * original framing (responseBody, responseEvents) or the raw form of its head (the edit hooks).
 *
 * Content encodings: where a strike has responseBody or responseEvents, the request is sent on with
 * `accept-encoding: identity`. An answer that comes encoded all the same passes by these two hooks: no hit.
 */
export interface StrikeHooks {
  /** The head is known (and the body, where it was needed to tell the request), nothing was sent upstream yet. */
  beforeRequest?(): RequestVerdict | Promise<RequestVerdict>;
  editRequestHead?(head: EditableHead): void;
  /** Holds the final answer's first byte until resolved. */
  beforeResponse?(head: ResponseHead): void | Promise<void>;
  editResponseHead?(head: EditableHead): void;
  /** Return `next` itself to stay out. */
  responseBody?(next: BodySink, head: ResponseHead): BodyStage;
  /** Called for `text/event-stream` answers alone. */
  responseEvents?(next: EventSink, head: ResponseHead): EventStage;
  requestBytes?(next: ByteSink): ByteStage;
  responseBytes?(next: ByteSink): ByteStage;
  /** The client sent FIN while its exchange was open: it has hung up, or it waits for the rest of the answer. */
  onClientEnd?(): void;
  /** A FIN is about to be passed on: how many ms late? */
  delayClose?(): number;
  readonly idle?: { readonly ms: number; onIdle(): void };
}

/** What a fault may do to the edge itself. */
export interface EdgeGate {
  readonly protocol: "http" | "tcp";
  /** Connections open now. */
  readonly openConnections: number;
  /** Closes the listening socket, so that the kernel refuses; resolves when it is closed. */
  closeListener(): Promise<void>;
  /** Tries a connection of its own: is it refused? */
  refusesConnections(): Promise<boolean>;
  /** Listens again on the same port. */
  openListener(): Promise<void>;
  /**
   * Ends the connections that are there: on HTTP edges idle ones by FIN now and busy ones by FIN after their exchange, on
   * TCP edges by RST. Returns how many.
   */
  endConnections(): number;
  /** Calls back, once, when a connection of the edge has closed. */
  onConnectionClosed(action: () => void): void;
}

export type AcceptVerdict = "accept" | "refuse";

/** A connection just accepted, before anything was read from it or dialled for it. */
export interface Arrival {
  /** Running number of connections on this edge since the state was set, from 0. */
  readonly index: number;
  /** Resolves when the client has gone away while it was kept waiting, or the fault was cleared. */
  readonly givenUp: Promise<void>;
}

/** A placed fault while its state is in force. */
export interface ActiveFault {
  /** Hooks for one struck exchange (HTTP) or connection (TCP). */
  strike?(strike: Strike): StrikeHooks;
  /** In force before PUT /state is answered. */
  onSet?(gate: EdgeGate): Promise<void>;
  /** For faults of the listener. Counts by itself: `context.count`. */
  onAccept?(gate: EdgeGate, arrival: Arrival): AcceptVerdict | Promise<AcceptVerdict>;
  /** Undone before the next state is in force. */
  onClear?(gate: EdgeGate): Promise<void>;
}

export interface FaultContext {
  /** Monotonic ms, fractional. */
  now(): number;
  /** A stream of draws that belongs to the fault as a whole, by key. */
  random(...key: readonly (string | number)[]): Random;
  /** Does the fault strike the n-th arrival (connections, from 0) by its marks? `keys` never strikes an arrival. */
  marksArrival(index: number): boolean;
  readonly marksType: Marks["type"];
  /** For what is counted outside strikes: arrivals. */
  count(what: { readonly seen?: number; readonly affected?: number }): void;
}

export type FaultFactory<K extends EdgeFaultKind> = (fault: FaultOf<K>, context: FaultContext) => ActiveFault;
