import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** Takes a body's bytes as they arrive and hands on the decoded ones. */
export interface BodyDecoder {
  write(chunk: Buffer): void;
  /** Resolves when every decoded byte was handed on. */
  end(): Promise<DecodeProblem>;
  destroy(): void;
}

/** `cut`: the compressed data ends too early; `corrupt`: it is no such data. */
export type DecodeProblem = "none" | "cut" | "corrupt";

const decompressorFor = (encoding: string): Transform | "identity" | undefined => {
  switch (encoding) {
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return undefined;
  }
};

/**
 * A decoder for a `content-encoding`, or undefined for one we do not read. Stops decoding after `limitBytes`, so that a
 * few kilobytes of compressed zeros can not fill the memory.
 */
export const bodyDecoder = (
  encoding: string,
  limitBytes: number,
  onBytes: (bytes: Buffer) => void,
): BodyDecoder | undefined => {
  const stream = decompressorFor(encoding.trim().toLowerCase());
  if (stream === undefined) return undefined;
  if (stream === "identity") {
    return { write: onBytes, end: () => Promise.resolve("none"), destroy: () => undefined };
  }
  let decodedBytes = 0;
  let over = false;
  const ended = new Promise<DecodeProblem>((resolve) => {
    stream.on("data", (bytes: Buffer) => {
      if (over) return;
      decodedBytes += bytes.length;
      onBytes(bytes);
      if (decodedBytes >= limitBytes) {
        over = true;
        stream.destroy();
      }
    });
    stream.once("end", () => resolve("none"));
    stream.once("close", () => resolve("none"));
    stream.once("error", (error: NodeJS.ErrnoException) =>
      // zlib reports an early end with Z_BUF_ERROR, broken data with Z_DATA_ERROR and the like.
      resolve(error.code === "Z_BUF_ERROR" ? "cut" : "corrupt"),
    );
  });
  return {
    write: (chunk) => {
      // Back-pressure is not passed on: what waits is bounded by what the wire delivers within the deadlines.
      if (!over && !stream.destroyed) stream.write(chunk);
    },
    end: () => {
      if (!stream.destroyed) stream.end();
      return ended;
    },
    destroy: () => {
      stream.destroy();
    },
  };
};
