/** The sidecar as a run starts it: a process of its own, told by its control API. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { FaultState, SidecarConfig, SidecarReady } from "../../src/core/sidecar-protocol.ts";
import { entryFile } from "../../src/run/entries.ts";

export const EDGES = ["tcp", "http"] as const;
const TOKEN = "bench";
const FAULT_LIMIT_MS = 600_000;

export interface SidecarProcess {
  readonly process: ChildProcess;
  readonly ports: Readonly<Record<string, number>>;
  /** Sets the `latency` fault, downstream and constant, on both edges. */
  delay(delayMs: number): Promise<void>;
}

/** One tcp and one http edge in front of `upstreamPort`. */
export const startSidecar = async (upstreamPort: number): Promise<SidecarProcess> => {
  const config: SidecarConfig = {
    token: TOKEN,
    controlHost: "127.0.0.1",
    controlPort: 0,
    redact: [],
    exitWithParent: true,
    edges: EDGES.map((protocol) => ({
      name: protocol,
      protocol,
      host: "127.0.0.1",
      port: 0,
      upstream: { type: "addresses", addresses: [{ host: "127.0.0.1", port: upstreamPort }] },
    })),
  };
  const child = spawn(process.execPath, [entryFile("sidecar")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.write(`${JSON.stringify(config)}\n`);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const ready = JSON.parse(line) as SidecarReady;
  return {
    process: child,
    ports: ready.ports,
    delay: async (delayMs) => {
      const state: FaultState = {
        revision: 1,
        deadlineMs: FAULT_LIMIT_MS,
        faults: EDGES.map((on) => ({
          id: `latency-${on}`,
          seed: 1,
          marks: { type: "all" },
          fault: {
            kind: "latency",
            on,
            fraction: 1,
            attempts: "all",
            delayMs,
            jitterMs: 0,
            distribution: "constant",
            direction: "downstream",
          },
        })),
      };
      const answer = await fetch(`http://127.0.0.1:${ready.controlPort}/state`, {
        method: "PUT",
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(state),
      });
      if (!answer.ok) throw new Error(`sidecar: ${answer.status} ${await answer.text()}`);
    },
  };
};
