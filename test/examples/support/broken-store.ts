/** A data store that breaks some of its answers, by the number of the call: what stands between it and the training. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Breakage = "unavailable" | "truncated" | "corrupt" | "silent";

export interface BrokenStore extends AsyncDisposable {
  readonly url: string;
  /** Calls so far, the broken ones among them. */
  readonly calls: () => number;
}

/** @param breakageOf by the call's number, from 1; null: the store's own answer */
export const startBrokenStore = async (
  store: string,
  breakageOf: (call: number) => Breakage | null,
): Promise<BrokenStore> => {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    const breakage = breakageOf(calls);
    if (breakage === "silent") return;
    if (breakage === "unavailable") return void response.writeHead(503).end("try again\n");
    const relay = async (): Promise<void> => {
      const answer = await fetch(new URL(request.url ?? "/", store));
      const body = Buffer.from(await answer.arrayBuffer());
      if (breakage === "corrupt") body.fill(0xff, body.length - 64);
      response.writeHead(answer.status, { "content-length": body.length });
      if (breakage === "truncated")
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
      else response.end(body);
    };
    relay().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
