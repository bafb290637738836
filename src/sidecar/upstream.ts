import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { NameCache } from "./name-cache.ts";
import { tlsFailure } from "./tls-failure.ts";

/** Where an edge's connections go. */
export interface Target {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Set for URL upstreams: what requests are rewritten to. */
  readonly rewrite: Rewrite | null;
  /** TLS server name, where TLS is spoken. */
  readonly serverName: string | null;
}

export interface Rewrite {
  readonly host: string;
  /** Path of the URL without a final slash, put before each request's. */
  readonly basePath: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
/**
 * A container that was killed takes its address with it: packets to it are unanswered for seconds, where a process that
 * died refuses at once. So a name is asked anew while a connection does not come about.
 */
const NAME_RECHECK_MS = 100;

export const urlTarget = (text: string): Target => {
  const url = new URL(text);
  const secure = url.protocol === "https:";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return {
    addresses: [{ host: hostname, port: Number(url.port) || (secure ? 443 : 80) }],
    rewrite: { host: url.host, basePath: url.pathname.replace(/\/+$/, "") },
    serverName: secure ? hostname : null,
  };
};

/** Takes the addresses in turn, and passes over one that can not be connected to. */
export class Dialer {
  private target: Target;
  private readonly names = new NameCache();
  private turn = 0;

  constructor(target: Target) {
    this.target = target;
  }

  /** For connections made from now on. */
  setAddresses(addresses: Target["addresses"]): void {
    this.target = { ...this.target, addresses };
  }

  /** A connected socket, paused; the last address's error where none answers (TlsFailure where one did, in vain). */
  async dial(): Promise<Socket> {
    const { addresses } = this.target;
    const first = this.turn++;
    let failure: unknown = new Error("no upstream address");
    for (let index = 0; index < addresses.length; index++) {
      const address = addresses[(first + index) % addresses.length];
      if (address === undefined) continue;
      try {
        return await this.connect(address.host, address.port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  private recheckName(socket: Socket, host: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.names.askAnew(host, (error, addresses) => {
        if (!socket.connecting) return;
        const tried =
          socket.autoSelectFamilyAttemptedAddresses?.map((each) => each.replace(/:\d+$/, "")) ?? [];
        const moved = tried.length > 0 && !addresses.some(({ address }) => tried.includes(address));
        if (error !== null || moved) socket.destroy(refused(host));
      });
    }, NAME_RECHECK_MS);
  }

  private connect(host: string, port: number): Promise<Socket> {
    const { serverName } = this.target;
    return new Promise((resolve, reject) => {
      const { lookup } = this.names;
      const raw = connectTcp({ host, port, lookup, allowHalfOpen: true, noDelay: true });
      const recheck = isIP(host) === 0 ? this.recheckName(raw, host) : undefined;
      const socket = serverName === null ? raw : secured(raw, serverName);
      const timer = setTimeout(() => {
        socket.destroy(new Error(`no connection to ${host}:${port} within ${CONNECT_TIMEOUT_MS} ms`));
      }, CONNECT_TIMEOUT_MS);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        clearTimeout(recheck);
        // What was remembered of the name may be why.
        this.names.forget(host);
        socket.destroy();
        reject(tlsFailure(error, host, port) ?? error);
      };
      socket.once("error", fail);
      socket.once(serverName === null ? "connect" : "secureConnect", () => {
        clearTimeout(timer);
        clearTimeout(recheck);
        socket.setNoDelay(true);
        // Until its owner listens: an early reset must not end the process.
        socket.off("error", fail);
        socket.on("error", () => {});
        resolve(socket);
      });
    });
  }
}

/** As a process that is gone answers. */
const refused = (host: string): Error =>
  Object.assign(new Error(`${host} is gone: its name no longer leads to where it was`), {
    code: "ECONNREFUSED",
  });

/** TLS on a connection of ours; half-open like it. */
const secured = (raw: Socket, serverName: string): Socket => {
  const socket = connectTls({
    socket: raw,
    host: serverName,
    ALPNProtocols: ["http/1.1"],
    // Server names are names alone: an IP address must not be sent as one (RFC 6066).
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
  });
  // Told to the TLS socket as well, whose owner listens.
  raw.on("error", () => {});
  // A TLS socket throws here: its handle is none of TCP's. The RST is for the connection below it.
  socket.resetAndDestroy = () => {
    raw.resetAndDestroy();
    return socket;
  };
  return socket;
};
