import { type FileHandle, open, rename } from "node:fs/promises";
import {
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { request as requestHttps } from "node:https";
import { SquallError } from "../../core/errors.ts";
import { type LocalServer, serveLocally } from "../loopback-server.ts";
import { readBody } from "../read-body.ts";
import { badGateway, tlsFailure } from "../tls-failure.ts";
import { urlTarget } from "../upstream.ts";
import { identify, MAX_REQUEST_BYTES, type RequestIdentity } from "./request-identity.ts";
import { callerSecrets, holdsSecret, redactedHeaders, withoutConnection } from "./secrets.ts";
import { type Recording, type Skipped, type TapeChunk, type TapeEnd, tapeHead, tapeLine } from "./tape.ts";

/** A longer answer is passed on, but not kept. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Passes requests on to `url` and writes what comes back to `file`, with its timing and without secrets. The file appears
 * whole when the recording is closed; until then it grows as `file.part`, and an older recording stays.
 *
 * @throws SquallError `write-failed`
 */
export const startRecording = async (
  file: string,
  url: string,
  redact: readonly string[],
): Promise<LocalServer> => {
  const writer = await TapeWriter.open(file);
  const server = await serveLocally((request, response) => {
    void pass(request, response, { url, redact, keep: (entry) => writer.add(entry) });
  });
  return {
    port: server.port,
    close: async () => {
      await server.close();
      await writer.close();
    },
  };
};

/** One line after the other; the first failure is told when the recording is closed. */
class TapeWriter {
  private readonly file: string;
  private readonly handle: FileHandle;
  private last: Promise<unknown>;
  private failure: unknown = null;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
    this.last = handle.write(tapeHead());
  }

  static async open(file: string): Promise<TapeWriter> {
    try {
      return new TapeWriter(file, await open(`${file}.part`, "w", 0o644));
    } catch (cause) {
      throw writeFailed(file, cause);
    }
  }

  add(entry: Recording | Skipped): void {
    this.last = this.last
      .then(() => this.handle.write(tapeLine(entry)))
      .catch((error: unknown) => {
        this.failure ??= error;
      });
  }

  async close(): Promise<void> {
    try {
      await this.last;
      await this.handle.sync();
    } catch (error) {
      this.failure ??= error;
    }
    await this.handle.close();
    if (this.failure !== null) throw writeFailed(this.file, this.failure);
    await rename(`${this.file}.part`, this.file);
  }
}

const writeFailed = (file: string, cause: unknown): SquallError =>
  new SquallError("write-failed", `The cassette ${file} can not be written.`, {
    place: file,
    remedy: "Check that its directory exists, may be written and has space left.",
    cause,
  });

interface Pass {
  readonly url: string;
  readonly redact: readonly string[];
  readonly keep: (entry: Recording | Skipped) => void;
}

const pass = async (request: IncomingMessage, response: ServerResponse, how: Pass): Promise<void> => {
  const body = await readBody(request, MAX_REQUEST_BYTES);
  if (body === "gone") return;
  if (body === "too-large") {
    response.writeHead(413).end();
    return;
  }
  const identity = identify(request.method ?? "GET", request.url ?? "/", body, how.redact);
  const startedMs = performance.now();
  const { rewrite } = urlTarget(how.url);
  const target = new URL(how.url);
  const upstream = (target.protocol === "https:" ? requestHttps : requestHttp)({
    protocol: target.protocol,
    hostname: target.hostname.replace(/^\[|\]$/g, ""),
    port: target.port,
    method: request.method,
    path: `${rewrite?.basePath ?? ""}${request.url ?? "/"}`,
    headers: forwarded(request.rawHeaders, target.host, body.length),
    agent: false,
  });
  let answering = false;
  upstream.on("error", (error) => {
    // Once the answer has begun, recordAnswer sees the error too, and passes it on.
    if (answering) return;
    const failure = tlsFailure(error, target.hostname, Number(target.port) || 443);
    if (failure === null) response.socket?.resetAndDestroy();
    else refuse(response, badGateway(failure));
  });
  upstream.once("response", (answer) => {
    answering = true;
    recordAnswer(answer, { identity, request, startedMs, how, upstream }, response);
  });
  // A client that goes away takes its call with it: nothing of it is kept.
  response.once("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  upstream.end(body);
};

/** Not the dependency's answer: nothing of it is kept. */
const refuse = (response: ServerResponse, { status, headers, body }: ReturnType<typeof badGateway>): void => {
  response.writeHead(status, { ...headers, connection: "close" }).end(body);
};

/** As they came, but for the connection's own; no encoding, so that the file can be read and streams be told apart. */
const forwarded = (raw: readonly string[], host: string, length: number): string[] => {
  const dropped = new Set(["host", "accept-encoding", "content-length", "expect"]);
  const kept = withoutConnection(raw).filter(([name]) => !dropped.has(name.toLowerCase()));
  const framing = length > 0 ? ["content-length", String(length)] : [];
  return ["host", host, ...kept.flat(), "accept-encoding", "identity", ...framing];
};

interface Take {
  readonly identity: RequestIdentity;
  readonly request: IncomingMessage;
  readonly startedMs: number;
  readonly how: Pass;
  readonly upstream: ClientRequest;
}

const recordAnswer = (
  answer: IncomingMessage,
  { identity, request, startedMs, how, upstream }: Take,
  response: ServerResponse,
): void => {
  const elapsedMs = (): number => performance.now() - startedMs;
  const headMs = elapsedMs();
  const headers = withoutConnection(answer.rawHeaders);
  const status = answer.statusCode ?? 502;
  const chunks: TapeChunk[] = [];
  let bytes = 0;
  response.sendDate = false;
  response.writeHead(status, headers.flat());
  response.flushHeaders();
  answer.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_ANSWER_BYTES) chunks.push({ atMs: elapsedMs(), bytes: chunk });
    else chunks.length = 0;
    if (!response.write(chunk)) answer.pause();
  });
  response.on("drain", () => answer.resume());
  let broken: TapeEnd = "closed";
  // The answer's own error says ECONNRESET for a FIN in mid-message as well: only an RST fails the request's socket.
  upstream.once("error", () => {
    broken = "reset";
  });
  answer.on("error", () => {});
  answer.once("close", () => {
    // The client went away first: half an answer is no recording.
    if (!answer.complete && response.destroyed) return;
    const end: TapeEnd = answer.complete ? "complete" : broken;
    how.keep(
      entryOf(
        bytes,
        {
          ...identity,
          status,
          headers: redactedHeaders(headers, how.redact),
          headMs,
          chunks,
          endMs: elapsedMs(),
          end,
        },
        callerSecrets(request.rawHeaders, request.url ?? "/", how.redact),
      ),
    );
    if (end === "complete") response.end();
    else if (end === "reset") response.socket?.resetAndDestroy();
    else response.socket?.destroySoon();
  });
};

/** What may be kept of an answer: all, or why not. */
const entryOf = (bytes: number, recording: Recording, secrets: readonly string[]): Recording | Skipped => {
  const { fingerprint, method, path } = recording;
  const skip = (skipped: string): Skipped => ({ fingerprint, method, path, skipped });
  if (bytes > MAX_ANSWER_BYTES) return skip(`it has ${bytes} bytes, more than ${MAX_ANSWER_BYTES}`);
  return holdsSecret(recording, secrets) ? skip("it repeats a secret of its request") : recording;
};
