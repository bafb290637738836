import type { IncomingMessage } from "node:http";
import type { AnswerBody, CutHow, Piece } from "./answer-body.ts";

/** Beyond this the upstream waits until some of it is taken. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/** The body of an answer that is being received. Taken as it comes, so that what came before a reset is not lost. */
export class IncomingBody implements AnswerBody {
  private readonly message: IncomingMessage;
  private readonly endCall: () => void;
  private readonly queue: Piece[] = [];
  private queuedBytes = 0;
  private waiter: ((piece: Piece) => void) | null = null;
  private over = false;

  /** @param howCut how the connection ended, asked when it ended too soon */
  constructor(message: IncomingMessage, endCall: () => void, howCut: () => CutHow) {
    this.message = message;
    this.endCall = endCall;
    message.on("data", (bytes: Buffer) => this.push({ type: "bytes", bytes }));
    message.on("end", () => {
      if (message.complete) this.push({ type: "end", trailers: message.rawTrailers });
    });
    message.on("error", () => {});
    message.on("close", () => this.push({ type: "cut", how: howCut() }));
  }

  next(): Promise<Piece> {
    const piece = this.queue.shift();
    if (piece === undefined) {
      return new Promise((resolve) => {
        this.waiter = resolve;
      });
    }
    if (piece.type === "bytes") this.queuedBytes -= piece.bytes.length;
    if (this.queuedBytes <= MAX_QUEUED_BYTES) this.message.resume();
    return Promise.resolve(piece);
  }

  discard(): void {
    if (!this.over) this.endCall();
  }

  private push(piece: Piece): void {
    if (this.over) return;
    this.over = piece.type !== "bytes";
    const { waiter } = this;
    if (waiter !== null) {
      this.waiter = null;
      waiter(piece);
      return;
    }
    this.queue.push(piece);
    if (piece.type !== "bytes") return;
    this.queuedBytes += piece.bytes.length;
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.message.pause();
  }
}
