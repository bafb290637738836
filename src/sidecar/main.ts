/**
 * The sidecar's own process: SidecarConfig as one JSON line on standard input, SidecarReady as one JSON line on standard
 * output. Ends on POST /stop, SIGTERM, SIGINT, and, where asked for, when standard input closes.
 */
import { createInterface } from "node:readline";
import { SquallError } from "../core/errors.ts";
import type { SidecarConfig } from "../core/sidecar-protocol.ts";
import { startSidecar } from "./sidecar.ts";

const main = async (): Promise<void> => {
  const lines = createInterface({ input: process.stdin });
  const inputClosed = new Promise<void>((resolve) => {
    lines.once("close", resolve);
  });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("close", () => reject(new Error("no configuration on standard input")));
  });
  // Its only writer is the runtime that started it, which has the type.
  const config = JSON.parse(line) as SidecarConfig;
  const sidecar = await startSidecar(config);
  process.stdout.write(`${JSON.stringify(sidecar.ready)}\n`);
  // A parent that is gone must not end us with EPIPE before our connections are closed.
  process.stdout.on("error", () => {});

  const signalled = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  const ends = [signalled, sidecar.stopRequested, ...(config.exitWithParent ? [inputClosed] : [])];
  await Promise.race(ends);
  await sidecar.close();
  process.exit(0);
};

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof SquallError ? error.remedy : undefined;
  process.stderr.write(`sidecar: ${message}${remedy === undefined ? "" : ` ${remedy}`}\n`);
  process.exit(3);
});
