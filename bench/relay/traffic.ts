/** What the relay benchmark sends: one request and one answer of about 200 bytes each, the same every time. */
const padded = (start: string, bytes: number): Buffer =>
  Buffer.from(`${start}x-pad: ${"p".repeat(bytes - start.length - 11)}\r\n\r\n`);

export const REQUEST = padded("GET /answers/17?lang=en HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n", 200);
export const ANSWER = Buffer.concat([
  padded("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n", 140),
  Buffer.from(JSON.stringify({ answer: "a".repeat(47) })),
]);

/** One cell of the measurement, as the load process is asked for it. */
export interface LoadOrder {
  /** Absent: this machine. */
  readonly host?: string;
  readonly port: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Between the starts of two connections, so that they do not ask in step. */
  readonly staggerMs: number;
}

/** Round trips that ended within `measureMs`, unsorted. */
export interface LoadResult {
  readonly latenciesMs: readonly number[];
  /** All answers, those of the warm-up too. */
  readonly answered: number;
}

export interface Listening {
  readonly port: number;
}
