import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SidecarReady } from "../../../src/core/sidecar-protocol.ts";
import { configOf, controlled, type TestEdge, type TestSidecar } from "./peers.ts";

/** A sidecar as a run starts it: a process of its own, for what is read when a process starts. */
export const spawnedSidecar = async (
  edges: readonly TestEdge[],
  env: Readonly<Record<string, string>>,
): Promise<TestSidecar> => {
  const main = fileURLToPath(new URL("../../../src/sidecar/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  const exited = once(child, "exit");
  child.stdin.write(`${JSON.stringify(configOf(edges))}\n`);
  const ready = once(createInterface({ input: child.stdout }), "line").then(([line]) => line as string);
  const line = await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`the sidecar ended with ${code} before it was ready`))),
  ]);
  return controlled(JSON.parse(line) as SidecarReady, async () => {
    // exitWithParent: its standard input is all that keeps it.
    child.stdin.end();
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`the sidecar ended with ${code}`);
  });
};
