import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { ExchangeRecord } from "../../../src/core/exchange.ts";
import type { EdgeFault } from "../../../src/core/fault.ts";
import type {
  Attribution,
  EdgeConfig,
  Marks,
  PlacedFault,
  ReceiptsAnswer,
  SidecarConfig,
  SidecarReady,
} from "../../../src/core/sidecar-protocol.ts";
import { startSidecar } from "../../../src/sidecar/sidecar.ts";

export const TOKEN = "test-token";

/** A server of raw sockets on a free port. */
export const listen = async (
  onSocket: (socket: Socket) => void,
): Promise<Server & AsyncDisposable & { port: number }> => {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(server, {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
};

/** Answers each request head with `reply(head)`; bodies are ignored unless `content-length` is there. */
export const httpServer = (reply: (request: string, socket: Socket) => string | Buffer | null) =>
  listen((socket) => {
    let text = "";
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      for (;;) {
        const end = text.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        const request = text.slice(0, end + 4 + length);
        text = text.slice(end + 4 + length);
        const answer = reply(request, socket);
        if (answer !== null) socket.write(answer);
      }
    });
  });

export const ok = (body = "hello", extra = ""): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

export interface TestSidecar extends AsyncDisposable {
  readonly sidecar: { readonly ready: SidecarReady };
  readonly port: (edge: string) => number;
  call(method: string, path: string, body?: unknown, token?: string): Promise<Response>;
  setFaults(faults: readonly PlacedFault[], deadlineMs?: number): Promise<void>;
  attribute(attribution: Attribution): Promise<void>;
  receipts(): Promise<ReceiptsAnswer>;
  records(after?: number): Promise<ExchangeRecord[]>;
}

let revision = 0;

export type TestEdge = Pick<EdgeConfig, "name" | "upstream"> & { readonly protocol?: "http" | "tcp" };

export const configOf = (edges: readonly TestEdge[]): SidecarConfig => ({
  token: TOKEN,
  controlHost: "127.0.0.1",
  controlPort: 0,
  redact: [],
  exitWithParent: true,
  edges: edges.map((edge) => ({ protocol: "http", host: "127.0.0.1", port: 0, ...edge })),
});

/** A sidecar in this process. */
export const sidecar = async (edges: readonly TestEdge[]): Promise<TestSidecar> => {
  const running = await startSidecar(configOf(edges));
  return controlled(running.ready, () => running.close());
};

/** A running sidecar by its control API. */
export const controlled = (ready: SidecarReady, end: () => Promise<void>): TestSidecar => {
  const call = (method: string, path: string, body?: unknown, token = TOKEN): Promise<Response> =>
    fetch(`http://127.0.0.1:${ready.controlPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, connection: "close" },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  const put = async (path: string, body: unknown): Promise<void> => {
    const response = await call("PUT", path, body);
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
  };
  return {
    sidecar: { ready },
    call,
    port: (edge) => ready.ports[edge] ?? 0,
    setFaults: (faults, deadlineMs = 60_000) => put("/state", { revision: ++revision, faults, deadlineMs }),
    attribute: (attribution) => put("/attribution", attribution),
    receipts: async () => (await (await call("GET", "/receipts")).json()) as ReceiptsAnswer,
    records: async (after = 0) =>
      (await (await call("GET", `/records?after=${after}`)).text())
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as ExchangeRecord),
    [Symbol.asyncDispose]: end,
  };
};

/** One edge in front of one address. */
export const edgeTo = (port: number, name = "llm", protocol: "http" | "tcp" = "http") => ({
  name,
  protocol,
  upstream: { type: "addresses" as const, addresses: [{ host: "127.0.0.1", port }] },
});

export type FaultParameters = {
  [K in EdgeFault["kind"]]: Omit<Extract<EdgeFault, { kind: K }>, "fraction" | "attempts" | "on"> & {
    readonly on?: string;
    readonly attempts?: number | "all";
  };
}[EdgeFault["kind"]];

export const placed = (fault: FaultParameters, marks: Marks = { type: "all" }, id = "f1"): PlacedFault => ({
  id,
  fault: { on: "llm", fraction: 1, attempts: 1, ...fault },
  marks,
  seed: 7,
});

export interface Received {
  readonly bytes: Buffer;
  readonly end: "fin" | "reset";
  /** ms from the call to the first byte, and to the end. */
  readonly firstMs: number;
  readonly endMs: number;
}

/** Sends the bytes (in the given pieces), and collects what comes until the peer ends. `fin`: half-close after sending. */
export const exchange = (
  port: number,
  pieces: string | Buffer | readonly (string | Buffer)[],
  options: { readonly fin?: boolean; readonly until?: (text: string) => boolean } = {},
): Promise<Received> =>
  new Promise((resolve) => {
    const start = performance.now();
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const got: Buffer[] = [];
    let firstMs = 0;
    const done = (end: "fin" | "reset"): void => {
      socket.destroy();
      resolve({ bytes: Buffer.concat(got), end, firstMs, endMs: performance.now() - start });
    };
    socket.on("data", (chunk: Buffer) => {
      if (got.length === 0) firstMs = performance.now() - start;
      got.push(chunk);
      if (options.until?.(Buffer.concat(got).toString("latin1")) === true) done("fin");
    });
    socket.on("error", () => done("reset"));
    socket.on("end", () => done("fin"));
    const list = typeof pieces === "string" || Buffer.isBuffer(pieces) ? [pieces] : pieces;
    const send = (index: number): void => {
      const piece = list[index];
      if (piece === undefined) {
        if (options.fin === true) socket.end();
        return;
      }
      socket.write(piece, () => setImmediate(send, index + 1));
    };
    socket.once("connect", () => send(0));
  });

/** Polls, where the system gives no event. */
export const until = async (holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

export const get = (path = "/", extra = ""): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${extra}\r\n`;
