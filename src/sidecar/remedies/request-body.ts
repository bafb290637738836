import type { IncomingMessage } from "node:http";

/** Longer ones pass through, and can be sent once only. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

export type RequestBody =
  | { readonly type: "kept"; readonly bytes: Buffer }
  /** Too long to keep: what has come so far, and where the rest comes from. For one call. */
  | { readonly type: "passing"; readonly begun: readonly Buffer[]; readonly rest: IncomingMessage };

/** Whole, or as far as it can be kept; null where the caller went away before. */
export const takeBody = (request: IncomingMessage): Promise<RequestBody | null> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (body: RequestBody | null): void => {
      request.off("data", take);
      request.off("end", whole);
      request.off("close", gone);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= MAX_KEPT_BYTES) return;
      request.pause();
      done({ type: "passing", begun: chunks, rest: request });
    };
    const whole = (): void => done({ type: "kept", bytes: Buffer.concat(chunks) });
    const gone = (): void => done(null);
    request.on("error", () => {});
    request.on("data", take);
    request.once("end", whole);
    request.once("close", gone);
  });
