import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { finThenDrop } from "../relay/socket-pair.ts";
import { endToEnd } from "./header-lists.ts";
import type { CallFailure, CallOutcome } from "./remedy.ts";

/** A connection that is there can not be refused any more: it is reset. */
const cutOff = (socket: Socket | null, how: CallFailure["how"]): void => {
  if (socket === null) return;
  if (how === "fin") finThenDrop(socket);
  else socket.resetAndDestroy();
};

/** Resolves when it is with the system, or the caller is gone. */
const written = (response: ServerResponse, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off("close", done);
      resolve();
    };
    response.once("close", done);
    response.write(bytes, done);
  });

const pairs = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : []));

/**
 * Gives the caller what came of its call, piece by piece as it comes; a call that failed ends the connection as it ended.
 *
 * @param isLast the connection ends with this answer
 */
export const deliver = async (
  outcome: CallOutcome,
  response: ServerResponse,
  isLast: boolean,
): Promise<void> => {
  if (outcome.type === "failed") {
    cutOff(response.socket, outcome.how);
    return;
  }
  const { body } = outcome;
  if (response.destroyed) {
    body.discard();
    return;
  }
  // Nothing but what the answer says of itself.
  for (const name of ["connection", "transfer-encoding", "date"]) response.removeHeader(name);
  response.writeHead(outcome.status, outcome.statusMessage, [
    ...endToEnd(outcome.rawHeaders),
    ...(isLast ? ["Connection", "close"] : []),
  ]);
  // The head goes at once. (flushHeaders would write it as UTF-8; Latin-1 keeps every byte.)
  response.write("", "latin1");
  for (;;) {
    const piece = await body.next();
    if (response.destroyed) {
      body.discard();
      return;
    }
    switch (piece.type) {
      case "bytes":
        await written(response, piece.bytes);
        break;
      case "end":
        if (piece.trailers.length > 0 && response.chunkedEncoding)
          response.addTrailers(pairs(piece.trailers));
        response.end();
        return;
      case "cut":
        cutOff(response.socket, piece.how);
        return;
    }
  }
};
