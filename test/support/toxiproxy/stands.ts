/** Engines of byte faults before one upstream, with the real sidecar of this process behind each. */
import { sidecarEngine } from "../../../src/adapters/engines/sidecar.ts";
import { toxiproxy } from "../../../src/adapters/engines/toxiproxy/toxiproxy.ts";
import { HttpSidecarControl } from "../../../src/adapters/runtimes/sidecar-control.ts";
import type { RunningSystem } from "../../../src/run/ports.ts";
import type { Stand } from "../../conformance/byte-faults.ts";
import { edgeTo, sidecar, TOKEN } from "../../sidecar/support/peers.ts";
import { type ToxiproxyServer, toxiproxyServer } from "./server.ts";

interface Behind extends AsyncDisposable {
  readonly system: RunningSystem;
  readonly port: number;
}

const behind = async (upstreamPort: number, protocol: "http" | "tcp"): Promise<Behind> => {
  const running = await sidecar([edgeTo(upstreamPort, "llm", protocol)]);
  const control = new HttpSidecarControl(running.sidecar.ready.controlPort, TOKEN);
  return {
    // All that these engines look at.
    system: { sidecar: control } as unknown as RunningSystem,
    port: running.port("llm"),
    [Symbol.asyncDispose]: async () => {
      await control.stop();
      await running[Symbol.asyncDispose]();
    },
  };
};

export const sidecarStand = async (upstreamPort: number, protocol: "http" | "tcp"): Promise<Stand> => ({
  engine: sidecarEngine(),
  ...(await behind(upstreamPort, protocol)),
});

export interface ToxiproxyStand extends Stand {
  readonly server: ToxiproxyServer;
  /** Gives the places back before the end. */
  leave(): Promise<void>;
}

export const toxiproxyStand = async (
  upstreamPort: number,
  protocol: "http" | "tcp",
): Promise<ToxiproxyStand> => {
  await using stack = new AsyncDisposableStack();
  const at = stack.use(await behind(upstreamPort, protocol));
  const server = stack.use(await toxiproxyServer());
  const { engine, front } = toxiproxy({ url: server.url, image: "" }, new Set(["llm"]));
  const ports = await front.place(server.url, [
    { edge: "llm", listen: "127.0.0.1:0", upstream: `127.0.0.1:${at.port}` },
  ]);
  stack.defer(() => front.leave());
  const kept = stack.move();
  return {
    engine,
    system: at.system,
    port: ports["llm"] ?? 0,
    server,
    leave: () => front.leave(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};
