import type { EventSink } from "../faults/fault.ts";

const CR = 13;
const LF = 10;

/** An event longer than this passes in pieces, as if it were comments: nothing hostile is held without bound. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Splits a stream of bytes into server-sent events that keep all their bytes, at any boundary: lines end in LF, CR or CRLF,
 * an event ends with an empty line (WHATWG HTML, 9.2.6). What follows the last empty line at the end is one event more.
 * (The parsers there are give the fields and lose the bytes.)
 */
export class SseSplitter {
  private readonly sink: EventSink;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** Part of the present event has been passed on already. */
  private oversized = false;
  /** Bytes of the present line so far; an empty line ends the event. */
  private lineBytes = 0;
  private sawLine = false;
  /** The last byte was a CR that ended a line: an LF that follows belongs to it. */
  private afterCr = false;
  /** An event is complete but for the LF that may follow its CR. */
  private complete = false;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  write(bytes: Buffer): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.afterCr) {
        this.afterCr = false;
        if (this.complete) {
          const end = byte === LF ? at + 1 : at;
          this.dispatch(bytes.subarray(start, end));
          start = end;
        }
        if (byte === LF) continue;
      }
      if (byte !== CR && byte !== LF) {
        this.lineBytes++;
        continue;
      }
      // A blank line in front of any line ends nothing: it goes with the event that follows.
      const ends = this.lineBytes === 0 && this.sawLine;
      if (this.lineBytes > 0) this.sawLine = true;
      this.lineBytes = 0;
      if (byte === CR) {
        this.afterCr = true;
        this.complete = ends;
      } else if (ends) {
        this.dispatch(bytes.subarray(start, at + 1));
        start = at + 1;
      }
    }
    if (start < bytes.length) {
      this.pending.push(start === 0 ? bytes : bytes.subarray(start));
      this.pendingBytes += bytes.length - start;
    }
    // The LF of a CRLF may never come: an event that is complete is not kept waiting for it where lines end in CR alone.
    if (this.complete && this.endsInBareCr()) this.dispatch(Buffer.alloc(0));
    else if (this.pendingBytes > MAX_EVENT_BYTES) this.passOversized();
  }

  end(): void {
    if (this.pending.length > 0) this.dispatch(Buffer.alloc(0));
    this.sink.end();
  }

  private endsInBareCr(): boolean {
    const raw = this.pending.length === 1 ? this.pending[0] : Buffer.concat(this.pending);
    return raw !== undefined && raw.at(-1) === CR && raw.at(-2) === CR;
  }

  private dispatch(last: Buffer): void {
    const raw = this.pending.length === 0 ? last : Buffer.concat([...this.pending, last]);
    const known = this.oversized ? UNREAD : fields(raw);
    this.pending = [];
    this.pendingBytes = 0;
    this.sawLine = false;
    this.complete = false;
    this.oversized = false;
    if (raw.length > 0) this.sink.event({ raw, ...known });
  }

  private passOversized(): void {
    const raw = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    this.oversized = true;
    this.sink.event({ raw, ...UNREAD });
  }
}

const UNREAD = { data: null, event: "", newline: "\n" } as const;

const fields = (raw: Buffer): { data: string | null; event: string; newline: "\n" | "\r\n" | "\r" } => {
  const text = raw.toString("utf8");
  const data: string[] = [];
  let event = "";
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = /^(data|event)(?:: ?([\s\S]*))?$/.exec(line);
    if (match?.[1] === "data") data.push(match[2] ?? "");
    else if (match?.[1] === "event") event = match[2] ?? "";
  }
  const newline = text.includes("\r\n") ? "\r\n" : text.includes("\r") ? "\r" : "\n";
  return { data: data.length === 0 ? null : data.join("\n"), event, newline };
};
