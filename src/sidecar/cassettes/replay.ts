import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename } from "node:path";
import { SquallError } from "../../core/errors.ts";
import { type LocalServer, serveLocally } from "../loopback-server.ts";
import { play } from "../play.ts";
import { readBody } from "../read-body.ts";
import { parseTape } from "./parse-tape.ts";
import { identify, MAX_REQUEST_BYTES, type RequestIdentity } from "./request-identity.ts";
import type { Recording, Skipped } from "./tape.ts";

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Answers from a cassette, with its timing. Several recordings of one request are replayed in order, then the last one again
 * and again. A request that is not on it gets 501.
 *
 * @param redact names beyond the built-in list that were redacted when recording
 * @throws SquallError `cassette-invalid`
 */
export const startReplay = async (file: string, redact: readonly string[] = []): Promise<LocalServer> => {
  const { recordings, skipped } = parseTape(await readTape(file), file);
  const shelf = new Shelf(recordings, skipped);
  return serveLocally((request, response) => void answer(request, response, { file, shelf, redact }));
};

interface Player {
  readonly file: string;
  readonly shelf: Shelf;
  readonly redact: readonly string[];
}

const answer = async (request: IncomingMessage, response: ServerResponse, player: Player): Promise<void> => {
  const body = await readBody(request, MAX_REQUEST_BYTES);
  if (body === "gone" || response.destroyed) return;
  if (body === "too-large") {
    refuse(response, 413, `a request body beyond ${MAX_REQUEST_BYTES} bytes is on no cassette`);
    return;
  }
  const { file, shelf, redact } = player;
  const wanted = identify(request.method ?? "GET", request.url ?? "/", body, redact);
  const recording = shelf.next(wanted.fingerprint);
  if (recording !== undefined) replay(recording, request, response);
  else refuse(response, 501, missing(file, wanted, shelf.whySkipped(wanted.fingerprint)));
};

const readTape = async (file: string): Promise<string> => {
  try {
    const { size } = await stat(file);
    if (size <= MAX_FILE_BYTES) return await readFile(file, "utf8");
  } catch (cause) {
    throw new SquallError("cassette-invalid", `The cassette ${file} can not be read.`, {
      place: file,
      remedy:
        "Check the path, or record it: squall record <url> --cassette <file>, with the service pointed at the port it prints.",
      cause,
    });
  }
  throw new SquallError("cassette-invalid", `The cassette ${file} is larger than ${MAX_FILE_BYTES} bytes.`, {
    place: file,
    remedy: "Record fewer answers, or shorter ones.",
  });
};

/** Recordings by request, each with a cursor. */
class Shelf {
  private readonly takes = new Map<string, { readonly list: Recording[]; next: number }>();
  private readonly skipped: ReadonlyMap<string, string>;

  constructor(recordings: readonly Recording[], skipped: readonly Skipped[]) {
    this.skipped = new Map(skipped.map((entry) => [entry.fingerprint, entry.skipped]));
    for (const recording of recordings) {
      const takes = this.takes.get(recording.fingerprint);
      if (takes === undefined) this.takes.set(recording.fingerprint, { list: [recording], next: 0 });
      else takes.list.push(recording);
    }
  }

  next(fingerprint: string): Recording | undefined {
    const takes = this.takes.get(fingerprint);
    if (takes === undefined) return undefined;
    return takes.list[Math.min(takes.next++, takes.list.length - 1)];
  }

  whySkipped(fingerprint: string): string | undefined {
    return this.skipped.get(fingerprint);
  }
}

const replay = (recording: Recording, request: IncomingMessage, response: ServerResponse): void => {
  const { socket } = request;
  const steps = [
    { atMs: recording.headMs, act: () => sendHead(recording, response) },
    ...recording.chunks.map(({ atMs, bytes }) => ({ atMs, act: () => void response.write(bytes) })),
    {
      atMs: recording.endMs,
      act: () => {
        if (recording.end === "complete") response.end();
        else if (recording.end === "reset") socket.resetAndDestroy();
        // What was written goes out, then FIN in mid-message.
        else socket.destroySoon();
      },
    },
  ];
  const stop = play(
    steps,
    (step) => step.act(),
    () => {},
  );
  response.once("close", stop);
};

const sendHead = ({ status, headers, end, chunks }: Recording, response: ServerResponse): void => {
  // The recorded date, or none.
  response.sendDate = false;
  response.writeHead(status, headers.flat());
  // An answer in one piece goes out with its head; a stream's head must not wait for its first event.
  if (chunks.length !== 1 || end !== "complete") response.flushHeaders();
};

const missing = (file: string, { method, path }: RequestIdentity, skipped: string | undefined): string =>
  skipped === undefined
    ? `no answer to ${method} ${path} with this body is on the cassette ${basename(file)}; record it again with the request sets and the service as they are now`
    : `the answer to ${method} ${path} was left off the cassette ${basename(file)} when it was recorded: ${skipped}`;

const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { type: "cassette_miss", message } }));
};
