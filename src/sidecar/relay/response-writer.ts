import type { BodySink, ByteSink, EventSink, ResponseHead } from "../faults/fault.ts";
import type { LiveStrike } from "../strike.ts";
import type { Framing } from "./http-scanner.ts";
import {
  dropHeader,
  editable,
  headerValue,
  type MessageHead,
  serializeHead,
  setHeader,
} from "./message-head.ts";
import { SseSplitter } from "./sse-splitter.ts";

/** A body of known length is collected up to this, so that its length can be corrected; a longer one becomes chunked. */
const MAX_COLLECTED_BYTES = 4 * 1024 * 1024;

/**
 * Writes the answer of a struck exchange. Its head goes through editResponseHead. Where a strike edits the body, the
 * upstream's framing is taken off and made anew: chunked stays chunked (a chunk for each piece), a length is corrected,
 * close-delimited stays so. Otherwise the body passes with the bytes it came in.
 */
export class ResponseWriter {
  private readonly out: ByteSink;
  private readonly head: MessageHead;
  private readonly strikes: readonly LiveStrike[];
  private readonly body: BodySink | null;
  private framing: Framing["type"];
  private trailers: Buffer | null = null;
  private collected: Buffer[] | null = null;
  private collectedBytes = 0;
  private headSent = false;
  private finished = false;
  /** The last stage ended the body before the upstream did. */
  endedEarly = false;
  private upstreamEnded = false;
  private abandoned = false;

  constructor(
    head: MessageHead,
    status: number,
    framing: Framing,
    strikes: readonly LiveStrike[],
    out: ByteSink,
  ) {
    this.head = head;
    this.out = out;
    this.strikes = strikes.filter((strike) => !strike.over);
    this.framing = framing.type;
    const hasBody = framing.type !== "none" && framing.type !== "tunnel";
    this.body = hasBody ? this.bodyStages(status) : null;
    if (this.body === null) this.sendHead(null);
    else if (framing.type === "length") this.collected = [];
    else this.sendHead(null);
  }

  get reframes(): boolean {
    return this.body !== null;
  }

  /** Bytes as they came, behind the head: only where the body is not edited. */
  raw(bytes: Buffer): void {
    this.out.write(bytes);
  }

  /** Decoded body: only where it is edited. */
  data(bytes: Buffer): void {
    if (!this.finished) this.body?.write(bytes);
  }

  end(trailers: Buffer | null): void {
    this.upstreamEnded = true;
    this.trailers = trailers;
    if (this.body === null) this.out.end();
    else if (!this.finished) this.body.end();
  }

  /** The upstream stopped in mid-message: what is there, also in stages, goes out without a proper end. */
  abandon(): void {
    this.abandoned = true;
    if (this.body === null) this.out.end();
    else if (!this.finished) this.body.end();
  }

  private bodyStages(status: number): BodySink | null {
    const editors = this.strikes.filter(
      ({ hooks }) => hooks.responseBody !== undefined || hooks.responseEvents !== undefined,
    );
    const encoding = headerValue(this.head, "content-encoding");
    if (editors.length === 0 || (encoding !== undefined && encoding.toLowerCase() !== "identity"))
      return null;
    const head: ResponseHead = { status, header: (name) => headerValue(this.head, name) };
    const isStream = head.header("content-type")?.toLowerCase().startsWith("text/event-stream") === true;
    const framed: BodySink = { write: (bytes) => this.frame(bytes), end: () => this.finishBody() };
    let edits = false;
    const body = editors.reduceRight((next: BodySink, strike) => {
      const stage = strike.hooks.responseBody?.(next, head) ?? next;
      if (stage === next) return next;
      edits = true;
      return strike.owns(stage);
    }, framed);
    const events = isStream ? editors.filter(({ hooks }) => hooks.responseEvents !== undefined) : [];
    if (events.length === 0) return edits ? body : null;
    const asBytes: EventSink = { event: (event) => body.write(event.raw), end: () => body.end() };
    const first = events.reduceRight((next: EventSink, strike) => {
      const stage = strike.hooks.responseEvents?.(next, head) ?? next;
      return stage === next ? next : strike.owns(stage);
    }, asBytes);
    const splitter = new SseSplitter(first);
    return { write: (bytes) => splitter.write(bytes), end: () => splitter.end() };
  }

  private sendHead(length: number | null): void {
    this.headSent = true;
    const edits = this.strikes.filter(
      (strike) => !strike.over && strike.hooks.editResponseHead !== undefined,
    );
    if (edits.length === 0 && length === null && this.framing !== "chunked" && this.collected === null) {
      this.out.write(this.head.raw);
      return;
    }
    const head = editable(this.head);
    if (length !== null) setHeader(head, "Content-Length", String(length));
    else if (this.collected !== null && this.framing === "chunked") {
      dropHeader(head, "content-length");
      setHeader(head, "Transfer-Encoding", "chunked");
    }
    for (const strike of edits) strike.hooks.editResponseHead?.(head);
    this.out.write(serializeHead(head));
  }

  private frame(bytes: Buffer): void {
    if (this.finished || bytes.length === 0) return;
    if (!this.headSent && this.collected !== null) {
      this.collected.push(bytes);
      this.collectedBytes += bytes.length;
      if (this.collectedBytes > MAX_COLLECTED_BYTES) this.becomeChunked(this.collected);
      return;
    }
    if (this.framing === "chunked") {
      this.out.write(
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]),
      );
    } else this.out.write(bytes);
  }

  private becomeChunked(collected: Buffer[]): void {
    this.framing = "chunked";
    this.sendHead(null);
    this.collected = null;
    for (const bytes of collected) this.frame(bytes);
  }

  private finishBody(): void {
    if (this.finished) return;
    this.finished = true;
    this.endedEarly = !this.upstreamEnded && !this.abandoned;
    if (!this.headSent && this.collected !== null) {
      // Abandoned, it keeps the length it promised.
      this.sendHead(this.abandoned ? null : this.collectedBytes);
      for (const bytes of this.collected) this.out.write(bytes);
    } else if (this.framing === "chunked" && !this.abandoned) {
      this.out.write(Buffer.concat([Buffer.from("0\r\n"), this.trailers ?? Buffer.from("\r\n")]));
    }
    this.out.end();
  }
}
