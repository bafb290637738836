import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ActiveAnswer, UpstreamChange } from "../core/sidecar-protocol.ts";
import type { Attributor } from "./attribution.ts";
import { BodyProblem, parseAttribution, parseState } from "./control-bodies.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { FaultStateHolder } from "./fault-state.ts";
import { probe } from "./probe.ts";
import { parseRemedies, parseUpstreamChange } from "./remedies/remedy-bodies.ts";
import type { RemedyHolder } from "./remedies/remedy-state.ts";

/** A run's keys and texts: large sets are a few MB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface ControlParts {
  readonly token: string;
  readonly edges: readonly {
    readonly name: string;
    readonly protocol: "http" | "tcp";
    /** Its upstream is a list of addresses. */
    readonly hasAddresses: boolean;
  }[];
  readonly state: FaultStateHolder;
  readonly remedies: RemedyHolder;
  readonly changeUpstream: (change: UpstreamChange) => void;
  readonly log: ExchangeLog;
  readonly attributor: Attributor;
}

/** The control API (core/sidecar-protocol.ts). */
export class ControlApi {
  readonly stopRequested: Promise<void>;
  private readonly parts: ControlParts;
  private readonly server: Server;
  private readonly tokenHash: Buffer;
  private stop: () => void = () => {};

  constructor(parts: ControlParts) {
    this.parts = parts;
    this.tokenHash = sha256(`Bearer ${parts.token}`);
    this.stopRequested = new Promise((resolve) => {
      this.stop = resolve;
    });
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => failed(response, error));
    });
  }

  async listen(host: string, port: number): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, "listening");
    const address = this.server.address();
    return address !== null && typeof address === "object" ? address.port : port;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Hashes have one length, so the comparison tells nothing about the token's.
    if (!timingSafeEqual(sha256(request.headers.authorization ?? ""), this.tokenHash)) {
      request.resume();
      send(response, 401, { error: "wrong or missing token" });
      return;
    }
    const { state, remedies, log, attributor, edges } = this.parts;
    const url = new URL(request.url ?? "/", "http://sidecar");
    const call = `${request.method} ${url.pathname}`;
    switch (call) {
      case "GET /health":
        return send(response, 200, { ok: true, revision: state.currentRevision });
      case "PUT /state": {
        const next = parseState(await readJson(request), edges);
        await state.set(next);
        return send(response, 200, { revision: next.revision });
      }
      case "GET /receipts":
        return send(response, 200, state.receipts());
      case "PUT /attribution":
        return send(response, 200, {
          learned: attributor.configure(parseAttribution(await readJson(request))),
        });
      case "GET /records":
        return this.sendRecords(url, response);
      case "GET /active": {
        const answer: ActiveAnswer = log.active(edges.map((edge) => edge.name));
        return send(response, 200, answer);
      }
      case "GET /probe": {
        const { host, port, path } = probeQuestion(url.searchParams);
        return send(response, 200, await probe(host, port, path));
      }
      case "PUT /remedies":
        await remedies.set(parseRemedies(await readJson(request), edges));
        return done(response);
      case "GET /remedies":
        return send(response, 200, remedies.receipts());
      case "PUT /upstreams":
        this.parts.changeUpstream(parseUpstreamChange(await readJson(request), edges));
        return done(response);
      case "POST /stop":
        request.resume();
        response.once("finish", this.stop);
        return send(response, 202, { stopping: true });
      default:
        request.resume();
        return send(response, 404, { error: `no such call: ${call}` });
    }
  }

  private sendRecords(url: URL, response: ServerResponse): void {
    const after = Number(url.searchParams.get("after") ?? "0");
    if (!Number.isSafeInteger(after) || after < 0)
      throw new BodyProblem("after: must be a whole number, 0 or more");
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    Readable.from(ndjson(this.parts.log, after)).pipe(response);
  }
}

const probeQuestion = (
  query: URLSearchParams,
): { readonly host: string; readonly port: number; readonly path: string | null } => {
  const host = query.get("host") ?? "";
  const port = Number(query.get("port"));
  const path = query.get("path");
  if (host === "") throw new BodyProblem("host: must be a name or an address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new BodyProblem("port: must be a whole number from 1 to 65535");
  if (path !== null && !/^\/[!-~]*$/.test(path))
    throw new BodyProblem('path: must begin with "/" and be percent-encoded');
  return { host, port, path };
};

/** Some hundred records a piece: one write for each record would cost more than the records. */
function* ndjson(log: ExchangeLog, after: number): Generator<string> {
  let piece = "";
  for (const record of log.since(after)) {
    piece += `${JSON.stringify(record)}\n`;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const done = (response: ServerResponse): void => void response.writeHead(204).end();

const failed = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof BodyProblem) send(response, 400, { error: error.message });
  else send(response, 500, { error: error instanceof Error ? error.message : "internal error" });
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw new BodyProblem(`body: longer than ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8")) as unknown;
  } catch {
    throw new BodyProblem("body: not JSON");
  }
};
