/**
 * A cassette: a dependency's answers with their timing, one JSON value a line.
 *
 *   {"squall":"cassette","version":1}
 *   {"fingerprint":"...","method":"POST","path":"/v1/x","status":200,"headers":[["content-type","..."]],"headMs":41.2,
 *    "chunks":[{"atMs":41.9,"text":"data: ..."}, {"atMs":50.1,"base64":"..."}],"endMs":50.3,"end":"complete"}
 *
 * Requests are known by their fingerprint alone; their bodies and headers are not in the file.
 */

/** How an answer ended: properly, by RST, or by FIN in mid-message. */
export type TapeEnd = "complete" | "reset" | "closed";

/** A piece of the decoded body, ms after the request was complete. */
export interface TapeChunk {
  readonly atMs: number;
  readonly bytes: Buffer;
}

export interface Recording {
  readonly fingerprint: string;
  /** For people: method and path with secret query values replaced. */
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** As they came, in order, without those that belong to the connection, secrets replaced. */
  readonly headers: readonly (readonly [string, string])[];
  readonly headMs: number;
  readonly chunks: readonly TapeChunk[];
  readonly endMs: number;
  readonly end: TapeEnd;
}

/** An answer that could not be kept, so that replay can say why it is missing. */
export interface Skipped {
  readonly fingerprint: string;
  readonly method: string;
  readonly path: string;
  readonly skipped: string;
}

export const TAPE_VERSION = 1;
export const tapeHead = (): string => `${JSON.stringify({ squall: "cassette", version: TAPE_VERSION })}\n`;

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

export const tapeLine = (entry: Recording | Skipped): string => {
  if ("skipped" in entry) return `${JSON.stringify(entry)}\n`;
  const chunks = entry.chunks.map(({ atMs, bytes }) => {
    const text = bytes.toString("utf8");
    // Text where it comes back the same: a person can read the file, and a diff shows what changed.
    return Buffer.from(text).equals(bytes)
      ? { atMs: rounded(atMs), text }
      : { atMs: rounded(atMs), base64: bytes.toString("base64") };
  });
  const { headMs, endMs } = entry;
  return `${JSON.stringify({ ...entry, headMs: rounded(headMs), chunks, endMs: rounded(endMs) })}\n`;
};
