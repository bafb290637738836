/** FIN or RST. */
export type CutHow = "fin" | "reset";

export type Piece =
  | { readonly type: "bytes"; readonly bytes: Buffer }
  /** Whole. Trailers as name, value, name, value. */
  | { readonly type: "end"; readonly trailers: readonly string[] }
  /** The connection ended before the answer did. */
  | { readonly type: "cut"; readonly how: CutHow };

/** An answer's body as it comes. `next` is not called again after `end` or `cut`, nor before its last promise has resolved. */
export interface AnswerBody {
  next(): Promise<Piece>;
  /** Not wanted any more: the call behind it is ended. */
  discard(): void;
}

/** A whole body that is here already. */
export const bodyOf = (chunks: readonly Buffer[], trailers: readonly string[] = []): AnswerBody => {
  let index = 0;
  return {
    next: async () => {
      const bytes = chunks[index++];
      return bytes === undefined ? { type: "end", trailers } : { type: "bytes", bytes };
    },
    discard: () => {},
  };
};

/** Reads ahead of whoever takes the body: what was read is kept, and given first. */
export class ReadAhead implements AnswerBody {
  private readonly body: AnswerBody;
  private readonly pieces: Piece[] = [];
  private reading: Promise<Piece> | null = null;

  constructor(body: AnswerBody) {
    this.body = body;
  }

  /** The next piece that nobody read yet. Who gives up waiting for it loses nothing. */
  read(): Promise<Piece> {
    this.reading ??= this.body.next().then((piece) => {
      this.pieces.push(piece);
      this.reading = null;
      return piece;
    });
    return this.reading;
  }

  async next(): Promise<Piece> {
    if (this.pieces.length === 0) await this.read();
    return this.pieces.shift() ?? { type: "cut", how: "fin" };
  }

  discard(): void {
    this.body.discard();
  }
}

/** Tells how the body came to its end, once, and passes every piece on. */
export const watched = (
  body: AnswerBody,
  onPiece: (piece: Piece) => void,
  onDiscard: () => void,
): AnswerBody => {
  let over = false;
  return {
    next: async () => {
      const piece = await body.next();
      if (!over) onPiece(piece);
      if (piece.type !== "bytes") over = true;
      return piece;
    },
    discard: () => {
      if (!over) onDiscard();
      over = true;
      body.discard();
    },
  };
};
