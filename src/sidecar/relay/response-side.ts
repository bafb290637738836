import { epochMs } from "../clock.ts";
import type { ByteSink } from "../faults/fault.ts";
import type { Exchange } from "./exchange.ts";
import { FirstByteHold } from "./first-byte-hold.ts";
import { type Framing, HttpScanner, type ScanHandler } from "./http-scanner.ts";
import { headerValue, type MessageHead, parseStatus, responseFraming } from "./message-head.ts";
import { ResponseWriter } from "./response-writer.ts";
import { throughStages } from "./stages.ts";

export interface ResponseHost {
  readonly queue: Exchange[];
  writeDown(bytes: Buffer): void;
  /** All of the answer is with the client. `early`: the upstream has not finished its own. */
  answered(exchange: Exchange, early: boolean): void;
  /** Both directions are opaque from here on. */
  tunnelled(exchange: Exchange): void;
  /** More or fewer bytes of the upstream are kept back. */
  held(bytes: number): void;
  malformed(): void;
}

/** The upstream's bytes: straight on, except for the answer of a struck exchange, which its strikes may hold and edit. */
export class ResponseSide implements ScanHandler {
  private readonly host: ResponseHost;
  private readonly scanner: HttpScanner;
  private chunk: Buffer = Buffer.alloc(0);
  private cursor = 0;
  private total = 0;
  /** When the chunk came. */
  private nowMs = 0;
  private startedAt = 0;
  private current: Exchange | null = null;
  private interim = false;
  private sink: ByteSink | null = null;
  private writer: ResponseWriter | null = null;
  /** Raw bytes of a struck answer's head so far. */
  private headBytes: Buffer[] = [];
  /** The struck exchange whose answer the upstream has ended. */
  private finishing: Exchange | null = null;
  private readonly hold: FirstByteHold;

  constructor(host: ResponseHost) {
    this.host = host;
    this.hold = new FirstByteHold((bytes) => host.held(bytes));
    this.scanner = new HttpScanner(this);
  }

  feed(chunk: Buffer): void {
    this.chunk = chunk;
    this.cursor = 0;
    this.nowMs = epochMs();
    this.scanner.feed(chunk);
    this.emit(chunk.length);
    this.total += chunk.length;
  }

  /** The upstream sent FIN. */
  finish(): void {
    this.cursor = 0;
    this.chunk = Buffer.alloc(0);
    if (!this.scanner.finish()) this.abandon();
  }

  /** The answer stops in mid-message: what strikes still keep back of it comes first, then the end. */
  private abandon(): void {
    const { current: exchange, sink } = this;
    if (exchange?.isStruck !== true || sink === null) return;
    this.finishing = exchange;
    exchange.truncated = !exchange.tunnel;
    this.hold.perform(0, () => {
      if (this.writer !== null) {
        this.writer.abandon();
        return;
      }
      for (const bytes of this.headBytes.splice(0)) sink.write(bytes);
      sink.end();
    });
  }

  /** A new upstream connection: nothing of the old one's answer is left. */
  restart(): void {
    this.scanner.restart();
    this.current = null;
    this.sink = null;
    this.writer = null;
    this.hold.drop();
    this.headBytes = [];
  }

  becomeOpaque(): void {
    this.scanner.becomeOpaque();
  }

  /** Is the exchange's answer complete from the upstream, but kept back by strikes? */
  isAnswering(exchange: Exchange): boolean {
    return exchange === this.finishing;
  }

  /** Bytes of a cut answer so far. */
  bytesOf(exchange: Exchange): number {
    return exchange === this.current && !exchange.isStruck ? this.total - this.startedAt : exchange.bytesDown;
  }

  /** The way to the client of a struck exchange, through its responseBytes stages. */
  sinkFor(exchange: Exchange): ByteSink {
    const base: ByteSink = {
      write: (bytes) => {
        exchange.bytesDown += bytes.length;
        exchange.pieceSent(epochMs());
        this.host.writeDown(bytes);
      },
      end: () => this.host.answered(exchange, this.writer?.endedEarly === true),
    };
    return throughStages(exchange.strikes, "responseBytes", base);
  }

  onStart(at: number): boolean {
    this.emit(at);
    const exchange = this.host.queue[0] ?? null;
    if (exchange !== this.current) {
      this.current = exchange;
      this.sink = exchange?.isStruck === true ? this.sinkFor(exchange) : null;
      this.writer = null;
    }
    this.startedAt = this.total + at;
    return true;
  }

  onHead(head: MessageHead, end: number): Framing {
    const status = parseStatus(head.startLine);
    if (status === null) return { type: "malformed" };
    const exchange = this.current;
    this.interim = status < 200 && status !== 101;
    const framing = this.interim
      ? ({ type: "none" } as const)
      : responseFraming(head, status, exchange?.method ?? "");
    if (framing.type === "malformed" || exchange === null) return framing;
    if (!this.interim) {
      exchange.status = status;
      exchange.firstByteMs = this.nowMs;
    }
    if (this.sink !== null) {
      this.cursor = end;
      this.headBytes = [];
      if (this.interim) this.sink.write(head.raw);
      else this.startStruck(exchange, head, status, framing, this.sink);
    }
    if (framing.type === "tunnel") {
      exchange.tunnel = true;
      this.host.tunnelled(exchange);
    }
    return framing;
  }

  onBody(from: number, to: number): void {
    if (this.writer === null && !this.hold.isHolding) return;
    const bytes = this.chunk.subarray(from, to);
    this.hold.perform(bytes.length, () => {
      if (this.writer?.reframes === true) this.writer.data(bytes);
    });
  }

  onEnd(at: number, trailers: Buffer | null): void {
    const exchange = this.current;
    this.emit(at);
    if (this.interim) {
      this.interim = false;
      return;
    }
    this.current = null;
    if (exchange === null) return;
    exchange.upstreamEndedMs = this.nowMs;
    if (exchange.isStruck) {
      this.finishing = exchange;
      this.hold.perform(0, () => this.writer?.end(trailers));
      return;
    }
    exchange.bytesDown = this.total + at - this.startedAt;
    this.host.answered(exchange, false);
  }

  onMalformed(at: number): void {
    const exchange = this.current;
    if (exchange !== null) exchange.malformed = true;
    if (this.sink !== null && this.writer === null && !this.hold.isHolding) {
      for (const bytes of this.headBytes.splice(0)) this.sink.write(bytes);
      const { sink } = this;
      this.cursor = Math.max(this.cursor, at);
      sink.write(this.chunk.subarray(this.cursor));
      this.cursor = this.chunk.length;
    }
    // New framing can not go on where the old one broke; an answer that keeps its bytes goes on with them.
    this.hold.perform(0, () => {
      if (this.writer?.reframes === true) this.writer.abandon();
    });
    this.host.malformed();
  }

  private startStruck(
    exchange: Exchange,
    head: MessageHead,
    status: number,
    framing: Framing,
    sink: ByteSink,
  ): void {
    const begin = (): void => {
      exchange.firstByteMs = epochMs();
      this.writer = new ResponseWriter(head, status, framing, exchange.strikes, sink);
    };
    const holds = exchange.strikes
      .map((strike) =>
        strike.over
          ? undefined
          : strike.hooks.beforeResponse?.({ status, header: (name) => headerValue(head, name) }),
      )
      .filter((hold) => hold instanceof Promise);
    if (holds.length === 0) begin();
    else void this.hold.until(holds, () => !exchange.ended, begin);
  }

  private emit(to: number): void {
    if (to <= this.cursor) return;
    const whole = this.cursor === 0 && to === this.chunk.length;
    const bytes = whole ? this.chunk : this.chunk.subarray(this.cursor, to);
    this.cursor = to;
    if (this.sink === null || this.current === null) {
      this.current?.pieceSent(this.nowMs);
      this.host.writeDown(bytes);
      return;
    }
    if (this.writer === null && !this.hold.isHolding) {
      this.headBytes.push(bytes);
      return;
    }
    this.hold.perform(bytes.length, () => {
      if (this.writer?.reframes === false) this.writer.raw(bytes);
    });
  }
}
