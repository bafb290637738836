import { request } from "node:http";
import { connect } from "node:net";
import type { ProbeAnswer } from "../core/sidecar-protocol.ts";

const LIMIT_MS = 2000;

/** Null is yes, a text says why not. Only the first counts. */
type Settle = (reason: string | null) => void;

/**
 * Whether something answers there, as seen from this process; looking the name up counts towards the 2 s.
 *
 * @param path GETs it, on a connection of its own and without following redirects: 2xx is yes. Null: a connection is enough.
 */
export const probe = async (host: string, port: number, path: string | null): Promise<ProbeAnswer> => {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const asked = path === null ? connects(host, port, resolve) : answers(host, port, path, resolve);
  const timer = setTimeout(() => resolve(`no answer within ${LIMIT_MS / 1000} s`), LIMIT_MS);
  const reason = await promise;
  clearTimeout(timer);
  asked.destroy();
  return reason === null ? { ok: true } : { ok: false, reason };
};

const connects = (host: string, port: number, settle: Settle): { destroy(): unknown } => {
  const socket = connect({ host, port });
  socket.once("connect", () => settle(null));
  socket.on("error", (error) => settle(reasonOf(error)));
  return socket;
};

const answers = (host: string, port: number, path: string, settle: Settle): { destroy(): unknown } => {
  // No agent: a connection kept open would hold up the orderly stop of whoever is asked.
  const call = request({ host, port, path, agent: false, headers: { connection: "close" } });
  call.once("response", ({ statusCode = 0 }) =>
    settle(statusCode >= 200 && statusCode < 300 ? null : `GET ${path} answered ${statusCode}`),
  );
  call.on("error", (error) => settle(reasonOf(error)));
  call.once("close", () => settle(`GET ${path} got no answer`));
  call.end();
  return call;
};

/** "ECONNREFUSED" rather than a sentence with the address, which the caller knows. */
const reasonOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
