import { SquallError } from "../../core/errors.ts";
import type { Upstream } from "../../core/sidecar-protocol.ts";

/** `postgres://db.internal:5432` as what the sidecar relays bytes to. */
export const tcpAddress = (name: string, url: string): Upstream => {
  const text = url.includes("://") ? url : `tcp://${url}`;
  const { hostname, port } = URL.canParse(text) ? new URL(text) : { hostname: "", port: "" };
  if (hostname !== "" && port !== "") {
    return { type: "addresses", addresses: [{ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) }] };
  }
  throw new SquallError("suite-invalid", `The url of ${name} has no host and port.`, {
    place: `dependencies.${name}.url`,
    remedy: "Write it with its port, as in tcp://localhost:5432.",
  });
};
