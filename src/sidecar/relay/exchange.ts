import type { AttributedBy, ExchangeEnd, ExchangeRecord } from "../../core/exchange.ts";
import { epochMs } from "../clock.ts";
import type { ByteSink, ExchangeInfo } from "../faults/fault.ts";
import type { LiveStrike } from "../strike.ts";
import { headerValue, type MessageHead } from "./message-head.ts";

/** What happens to the bytes of an exchange's request. */
export type RequestMode =
  /** Straight on. */
  | "relay"
  /** Kept until it is decided what to do. */
  | "hold"
  /** Through the stages of the strikes. */
  | "staged"
  /** Thrown away: answered by a fault. */
  | "discard";

/** One request and its answer, or one TCP connection: what is known while it is open. */
export class Exchange implements ExchangeInfo {
  readonly edge: string;
  readonly protocol: "http" | "tcp";
  readonly startedMs = epochMs();
  readonly indexOnConnection: number;
  readonly idleBeforeMs: number;
  method = "";
  path = "";
  requestKey: string | null = null;
  attributedBy: AttributedBy = "none";
  attempt = 1;
  status = 0;
  firstByteMs: number | null = null;
  /** The request, or its last piece so far, went on to the upstream. */
  passedMs: number | null = null;
  /** The upstream's answer was whole. */
  upstreamEndedMs: number | null = null;
  bytesUp = 0;
  bytesDown = 0;
  head: MessageHead | null = null;
  strikes: readonly LiveStrike[] = [];
  requestMode: RequestMode = "relay";
  /** Raw bytes kept back in mode "hold". */
  held: Buffer[] = [];
  heldBytes = 0;
  /** Decoded body pieces, while the body may tell whose call it is; null when not wanted (any more). */
  body: Buffer[] | null = null;
  bodyBytes = 0;
  /** The decision waits for the body. */
  awaitsBody = false;
  requestReceived = false;
  /** All of the request is with the upstream, or never will be. */
  requestPassed = true;
  /** Some of it is with the upstream. Kept only in mode "staged". */
  requestBegun = false;
  requestSink: ByteSink | null = null;
  tunnel = false;
  malformed = false;
  answeredByFault = false;
  /** The upstream's FIN came in mid-answer. */
  truncated = false;
  ended = false;
  private lastPieceMs: number | null = null;
  private longestGapMs: number | null = null;

  constructor(edge: string, protocol: "http" | "tcp", indexOnConnection: number, idleBeforeMs: number) {
    this.edge = edge;
    this.protocol = protocol;
    this.indexOnConnection = indexOnConnection;
    this.idleBeforeMs = idleBeforeMs;
  }

  header(name: string): string | undefined {
    return this.head === null ? undefined : headerValue(this.head, name);
  }

  get isStruck(): boolean {
    return this.strikes.length > 0;
  }

  /** A piece of the answer goes to the caller. */
  pieceSent(atMs: number): void {
    if (this.lastPieceMs !== null)
      this.longestGapMs = Math.max(this.longestGapMs ?? 0, atMs - this.lastPieceMs);
    this.lastPieceMs = atMs;
  }

  takeHeld(): Buffer {
    const bytes = this.held.length === 1 ? this.held[0] : undefined;
    const all = bytes ?? Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    return all;
  }

  record(end: ExchangeEnd): Omit<ExchangeRecord, "sequence"> {
    const endedMs = epochMs();
    return {
      edge: this.edge,
      method: this.method,
      // Query strings carry keys: records go into reports.
      path: this.path.split("?", 1)[0] ?? "",
      status: this.status,
      startedMs: this.startedMs,
      firstByteMs: this.firstByteMs,
      endedMs,
      longestGapMs: this.longestGapMs,
      upstreamMs:
        this.passedMs === null ? null : Math.max(0, (this.upstreamEndedMs ?? endedMs) - this.passedMs),
      bytesUp: this.bytesUp,
      bytesDown: this.bytesDown,
      end: this.malformed && end !== "client-abort" ? "malformed" : end,
      requestKey: this.requestKey,
      attributedBy: this.attributedBy,
      attempt: this.attempt,
      faults:
        this.strikes.length === 0
          ? []
          : this.strikes.filter((strike) => strike.hasHit).map((strike) => strike.faultId),
    };
  }
}
