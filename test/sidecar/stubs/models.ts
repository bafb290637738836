import type { StubModel } from "../../../src/core/suite.ts";
import { startStub } from "../../../src/sidecar/stubs/stub-server.ts";

export const QUICK: StubModel = {
  shape: "openai",
  firstTokenMs: 0,
  firstTokenJitterMs: 0,
  perTokenMs: 0,
  perTokenJitterMs: 0,
  minTokens: 12,
  maxTokens: 12,
  slots: 8,
  queue: 8,
  embeddingDimensions: 128,
};

/** A running stub and how to call it. */
export const stubWith = async (changes: Partial<StubModel> = {}, seed = 1) => {
  const stub = await startStub({ ...QUICK, ...changes }, seed);
  const url = `http://127.0.0.1:${stub.port}`;
  return {
    port: stub.port,
    post: (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    get: (path: string): Promise<Response> => fetch(`${url}${path}`),
    [Symbol.asyncDispose]: () => stub.close(),
  };
};

export const user = (content: string) => [{ role: "user", content }];
