import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { SquallError } from "../../../core/errors.ts";

/** Listens for a moment on every interface, so that a listener on any of them is noticed; null where the port is taken. */
const tryListen = (
  port: number,
  host: string,
): Promise<{ readonly server: Server; readonly port: number } | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const noIpv6 = host === "::" && (error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL");
      resolve(noIpv6 ? tryListen(port, "0.0.0.0") : null);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? { server, port: address.port } : null);
    });
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));

/** First port the kernel gives to outgoing connections. */
const ephemeralStart = (): number => {
  try {
    return Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "latin1"), 10);
  } catch {
    return 0;
  }
};

const LOWEST = 20_000;

/**
 * So many different ports on which nobody listens. They are taken from below the range of outgoing connections where
 * there is room: between a kill and the restart, load on loopback would else now and then sit on the service's port.
 * Drawn from the system and not from the run's seed: two runs of one seed on a machine must not meet.
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const below = ephemeralStart();
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    for (let tries = 0; ports.length < count && tries < 100 + count; tries++) {
      const wanted = below > LOWEST + 1_000 && tries < 100 ? randomInt(LOWEST, below) : 0;
      const taken = await tryListen(wanted, "::");
      if (taken === null) continue;
      servers.push(taken.server);
      ports.push(taken.port);
    }
  } finally {
    await Promise.all(servers.map(close));
  }
  if (ports.length < count) {
    throw new SquallError("internal", `No ${count} free ports were found.`, {
      remedy: "End programs that hold many ports, then run again.",
    });
  }
  return ports;
};

export const isPortFree = async (port: number): Promise<boolean> => {
  const taken = await tryListen(port, "::");
  if (taken !== null) await close(taken.server);
  return taken !== null;
};
