/** Dependencies that someone else runs on this machine: there before the service starts, or nothing is measured. */
import { connect } from "node:net";
import { SquallError } from "../../../core/errors.ts";
import type { Suite } from "../../../core/suite.ts";

const LOCAL = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Does the machine refuse the connection? What is slow, or fails in another way, is the service's to meet. */
const isRefused = (host: string, port: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, signal, timeout: 2000 });
    const done = (refused: boolean) => (): void => {
      socket.destroy();
      resolve(refused);
    };
    socket.once("connect", done(false));
    socket.once("timeout", done(false));
    socket.once("error", (error: NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] }) => {
      // "localhost" has two addresses, and the error of both is one of several.
      const codes = error.errors?.map(({ code }) => code) ?? [error.code];
      done(codes.every((code) => code === "ECONNREFUSED"))();
    });
  });

const defaultPort = (protocol: string): number => (protocol === "https:" ? 443 : 80);

/** @throws SquallError `dependency-start-failed` where nothing listens at the address of a `url` on this machine */
export const requireRunning = async (suite: Suite, signal: AbortSignal): Promise<void> => {
  for (const { name, source } of suite.dependencies) {
    if (source.type !== "url" || !URL.canParse(source.url)) continue;
    const { protocol, hostname, port } = new URL(source.url);
    if (!LOCAL.test(hostname)) continue;
    const host = hostname.replace(/^\[|\]$/g, "");
    const at = port === "" ? defaultPort(protocol) : Number(port);
    if (!(await isRefused(host, at, signal))) continue;
    throw new SquallError(
      "dependency-start-failed",
      `Nothing listens at ${host}:${at}, where ${name} should be.`,
      {
        place: `dependencies.${name}.url`,
        remedy: `Start it first, or let squall start it: \`${name}: { command: ... }\` (it gets a free port as PORT), or image with runtime docker.`,
      },
    );
  }
};
