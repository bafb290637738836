import { type MessageHead, parseHead } from "./message-head.ts";

/**
 * Finds the boundaries of HTTP/1.1 messages in a stream of bytes, at any split, without touching them (RFC 9112).
 * A tap: what it does not understand it calls malformed, and the bytes after that are opaque.
 *
 * Own code, because http-parser-js gives neither the offsets of boundaries nor a "stop here", takes a chunk size it can
 * not read for the end of the body, and refuses methods it does not know.
 */
export interface ScanHandler {
  /** First byte of a message at `at`. False stops the scan there: `feed` returns `at`. */
  onStart(at: number): boolean;
  /** The head is complete; its last byte is at `end - 1`. Says how the body is framed. */
  onHead(head: MessageHead, end: number): Framing;
  /** Bytes of the body without their framing. */
  onBody(from: number, to: number): void;
  /** The message is over at `at`. `trailers`: the raw trailer section with its final empty line, where there were any. */
  onEnd(at: number, trailers: Buffer | null): void;
  onMalformed(at: number): void;
}

export type Framing =
  | { readonly type: "none" }
  | { readonly type: "length"; readonly length: number }
  | { readonly type: "chunked" }
  /** Until the sender closes. */
  | { readonly type: "close" }
  /** No longer HTTP from here on (101, CONNECT): opaque until the connection closes. */
  | { readonly type: "tunnel" }
  | { readonly type: "malformed" };

const MAX_HEAD_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 16 * 1024;
const CR = 13;
const LF = 10;

type State = "start" | "head" | "length" | "size" | "data" | "data-end" | "trailers" | "close" | "opaque";

export class HttpScanner {
  private state: State = "start";
  private readonly handler: ScanHandler;
  /** Bytes of an unfinished head, chunk-size line or trailer section from earlier chunks. */
  private partial: Buffer | null = null;
  private left = 0;

  constructor(handler: ScanHandler) {
    this.handler = handler;
  }

  /** Is nothing of a message pending? */
  get betweenMessages(): boolean {
    return this.state === "start";
  }

  get opaque(): boolean {
    return this.state === "opaque";
  }

  /** What follows is not HTTP (an upgrade was accepted, or the other side can not be paired any more). */
  becomeOpaque(): void {
    this.state = "opaque";
    this.partial = null;
  }

  /** A new stream begins. */
  restart(): void {
    this.state = "start";
    this.partial = null;
  }

  /** Scans on, from `from`. Returns how far it came: less than the length only where onStart said stop. */
  feed(chunk: Buffer, from = 0): number {
    let at = from;
    const end = chunk.length;
    while (at < end) {
      switch (this.state) {
        case "start": {
          // Empty lines before a message are allowed (RFC 9112, 2.2), and belong to none.
          while (at < end && (chunk[at] === CR || chunk[at] === LF)) at++;
          if (at === end) break;
          if (!this.handler.onStart(at)) return at;
          this.state = "head";
          break;
        }
        case "head":
          at = this.scanHead(chunk, at);
          break;
        case "length":
        case "data":
          at = this.scanData(chunk, at);
          break;
        case "size":
        case "data-end":
          at = this.scanLine(chunk, at);
          break;
        case "trailers":
          at = this.scanTrailers(chunk, at);
          break;
        case "close":
          this.handler.onBody(at, end);
          at = end;
          break;
        case "opaque":
          return end;
      }
    }
    return end;
  }

  /** The sender has closed. True where that ends a message properly. */
  finish(): boolean {
    if (this.state !== "close") return this.state === "start";
    this.state = "start";
    this.handler.onEnd(0, null);
    return true;
  }

  private malformed(at: number, end: number): number {
    this.state = "opaque";
    this.partial = null;
    this.handler.onMalformed(at);
    return end;
  }

  private scanHead(chunk: Buffer, at: number): number {
    const text = this.joined(chunk, at);
    const headEnd = endOfHead(text);
    if (headEnd < 0) {
      if (text.length > MAX_HEAD_BYTES) return this.malformed(at, chunk.length);
      this.partial = text;
      return chunk.length;
    }
    const end = chunk.length - (text.length - headEnd);
    this.partial = null;
    const head = parseHead(text.subarray(0, headEnd));
    if (head === null) return this.malformed(at, chunk.length);
    const framing = this.handler.onHead(head, end);
    switch (framing.type) {
      case "none":
        this.over(end, null);
        break;
      case "length":
        this.left = framing.length;
        this.state = "length";
        if (framing.length === 0) this.over(end, null);
        break;
      case "chunked":
        this.state = "size";
        break;
      case "close":
        this.state = "close";
        break;
      case "tunnel":
        this.state = "opaque";
        break;
      case "malformed":
        return this.malformed(end, chunk.length);
    }
    return end;
  }

  private scanData(chunk: Buffer, at: number): number {
    const to = Math.min(chunk.length, at + this.left);
    this.left -= to - at;
    this.handler.onBody(at, to);
    if (this.left === 0) {
      if (this.state === "length") this.over(to, null);
      else this.state = "data-end";
    }
    return to;
  }

  /** A chunk-size line, or the line end behind a chunk's data. */
  private scanLine(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(LF, at);
    const to = newline < 0 ? chunk.length : newline + 1;
    const line = this.joined(chunk.subarray(0, to), at);
    if (line.length > MAX_LINE_BYTES) return this.malformed(at, chunk.length);
    if (newline < 0) {
      this.partial = line;
      return to;
    }
    this.partial = null;
    const text = line.toString("latin1").trimEnd();
    if (this.state === "data-end") {
      if (text !== "") return this.malformed(at, chunk.length);
      this.state = "size";
      return to;
    }
    const size = /^([0-9a-fA-F]{1,13})[ \t]*(?:;.*)?$/.exec(text)?.[1];
    if (size === undefined) return this.malformed(at, chunk.length);
    this.left = Number.parseInt(size, 16);
    this.state = this.left === 0 ? "trailers" : "data";
    return to;
  }

  private scanTrailers(chunk: Buffer, at: number): number {
    const text = this.joined(chunk, at);
    // Mostly there are none, and the empty line comes at once.
    const empty = text[0] === LF ? 1 : text[0] === CR && text[1] === LF ? 2 : 0;
    const end = empty > 0 ? empty : endOfHead(text);
    if (end < 0) {
      if (text.length > MAX_HEAD_BYTES) return this.malformed(at, chunk.length);
      this.partial = text;
      return chunk.length;
    }
    this.partial = null;
    const to = chunk.length - (text.length - end);
    this.over(to, empty > 0 ? null : text.subarray(0, end));
    return to;
  }

  private over(at: number, trailers: Buffer | null): void {
    this.state = "start";
    this.handler.onEnd(at, trailers);
  }

  private joined(chunk: Buffer, at: number): Buffer {
    const rest = at === 0 ? chunk : chunk.subarray(at);
    return this.partial === null ? rest : Buffer.concat([this.partial, rest]);
  }
}

/** Index behind the empty line that ends a head, or -1. Lines may end in CRLF or a bare LF. */
const endOfHead = (text: Buffer): number => {
  const plain = text.indexOf("\r\n\r\n");
  // A bare LF is rare: look for it only up to where the usual end is.
  const limit = plain < 0 ? text.length : plain;
  for (let at = text.indexOf(LF); at >= 0 && at < limit; at = text.indexOf(LF, at + 1)) {
    if (text[at + 1] === LF) return at + 2;
    if (text[at + 1] === CR && text[at + 2] === LF) return at + 3;
  }
  return plain < 0 ? -1 : plain + 4;
};
