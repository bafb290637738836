/** The calls that remedies make: into the same edge, past its remedies. */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { CutHow } from "./answer-body.ts";
import { IncomingBody } from "./incoming-body.ts";
import { headerOf } from "./outcome.ts";
import type { CallFailure, CallOutcome, Next, RemedyCall } from "./remedy.ts";

export const MAX_HEADER_BYTES = 256 * 1024;

/** Methods of which Node sends a body of unknown length in chunks, also an empty one. */
const OFTEN_WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/** Connections of one caller's connection: reused as that is, so that faults of idle and reused connections are met. */
export class InnerAgent extends Agent {
  private readonly dial: () => Socket | null;

  /** @param dial null: refused, as long as nobody listens behind */
  constructor(dial: () => Socket | null) {
    super({ keepAlive: true });
    this.dial = dial;
  }

  override createConnection(
    _options: unknown,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Socket | undefined {
    const socket = this.dial();
    if (socket !== null) return socket;
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    // Node's callback takes an error alone.
    process.nextTick(done as (error: Error) => void, refused);
    return undefined;
  }
}

const failureOf = (error: NodeJS.ErrnoException): CallFailure["how"] => {
  if (error.code === "ECONNREFUSED") return "refused";
  // Node calls a FIN without an answer ECONNRESET too, but no system call has told of it.
  return error.syscall === undefined && error.code === "ECONNRESET" ? "fin" : "reset";
};

const headersOf = ({ method, rawHeaders, body }: RemedyCall): string[] => {
  const unframed =
    headerOf(rawHeaders, "content-length") === undefined &&
    headerOf(rawHeaders, "transfer-encoding") === undefined;
  return body.type === "kept" && unframed && !OFTEN_WITHOUT_BODY.has(method)
    ? [...rawHeaders, "Content-Length", "0"]
    : [...rawHeaders];
};

const sendBody = (request: ClientRequest, { body }: RemedyCall): void => {
  if (body.type === "kept") {
    request.end(body.bytes);
    return;
  }
  for (const bytes of body.begun) request.write(bytes);
  body.rest.pipe(request);
};

/** Makes the call. Whoever does not want its answer any more ends it by the call's signal or the answer's `discard`. */
export const innerCall =
  (agent: InnerAgent): Next =>
  (call) =>
    new Promise<CallOutcome>((resolve) => {
      if (call.signal.aborted) {
        resolve({ type: "failed", how: "fin" });
        return;
      }
      const { method, path, signal } = call;
      const headers = headersOf(call);
      const request = httpRequest({ agent, method, path, headers, maxHeaderSize: MAX_HEADER_BYTES });
      let how: CutHow = "fin";
      // A reset, so that everyone behind learns at once.
      const end = (): void => {
        signal.removeEventListener("abort", end);
        request.socket?.resetAndDestroy();
        request.destroy();
      };
      signal.addEventListener("abort", end);
      request.on("error", (error) => {
        const failure = failureOf(error);
        if (failure === "reset") how = "reset";
        signal.removeEventListener("abort", end);
        resolve({ type: "failed", how: failure });
      });
      request.on("response", (message: IncomingMessage) => {
        // Behind it the connection is another call's.
        message.once("end", () => signal.removeEventListener("abort", end));
        resolve({
          type: "answer",
          status: message.statusCode ?? 0,
          statusMessage: message.statusMessage ?? "",
          rawHeaders: message.rawHeaders,
          body: new IncomingBody(message, end, () => how),
        });
      });
      sendBody(request, call);
    });
