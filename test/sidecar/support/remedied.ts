/** A sidecar with remedies, and callers that read answers as clients do. */
import { Agent, request } from "node:http";
import type { EdgeRemedy, RemedyReceipt } from "../../../src/core/remedy/remedy.ts";
import type { RemediesAnswer } from "../../../src/core/sidecar-protocol.ts";
import type { TestSidecar } from "./peers.ts";

/** Puts them before the faults of edge `on`, in order. */
export const setRemedies = async (
  proxy: TestSidecar,
  remedies: readonly EdgeRemedy[],
  options: { readonly on?: string; readonly deadlineMs?: number } = {},
): Promise<void> => {
  const { on = "llm", deadlineMs = 60_000 } = options;
  const body = { remedies: remedies.map((remedy) => ({ on, ...remedy })), deadlineMs };
  const answer = await proxy.call("PUT", "/remedies", body);
  if (answer.status !== 204) throw new Error(await answer.text());
};

export const remediesOf = async (proxy: TestSidecar): Promise<RemediesAnswer> =>
  (await (await proxy.call("GET", "/remedies")).json()) as RemediesAnswer;

/** `[seen, acted]` of each, in the state's order. */
export const counts = async (proxy: TestSidecar): Promise<readonly (readonly [number, number])[]> =>
  (await remediesOf(proxy)).receipts.map(({ seen, acted }: RemedyReceipt) => [seen, acted] as const);

export interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

export interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
  readonly onBytes?: (text: string) => void;
}

/** One call; rejects where the connection ends before the answer does. */
export const ask = (port: number, asked: Asked = {}): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { path = "/", method = "GET", body, headers = {}, agent, signal, onBytes } = asked;
    const call = request({
      port,
      host: "127.0.0.1",
      path,
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
      agent: agent ?? new Agent(),
      ...(signal === undefined ? {} : { signal }),
    });
    call.on("error", reject);
    call.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        onBytes?.(chunk.toString("latin1"));
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    call.end(body);
  });

/** An agent of one connection, kept. */
export const keptConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });
