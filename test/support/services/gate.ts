/**
 * Stands for squall in tests of complete stopping: starts a system, prints what it started as one JSON line, and waits.
 * argv: run directory, then `orderly` (disposes on SIGINT and SIGTERM) or `careless` (leaves all to the keeper), then
 * perhaps `relieved` (one more replica by a remedy).
 */
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import { serviceSuite } from "./service-suite.ts";

const [runDirectory = ".", manner, relieved] = process.argv.slice(2);
const system = await processRuntime().start({
  suite: serviceSuite({ env: { GRANDCHILD: "1", STUBBORN: "1" } }),
  suiteDirectory: runDirectory,
  runDirectory,
  seed: 1,
  front: null,
  signal: new AbortController().signal,
  progress: () => undefined,
});
if (relieved === "relieved") await system.processes.relieve({ kind: "replica", on: "service" });
if (manner === "orderly") {
  const leave = (): void => void system[Symbol.asyncDispose]().then(() => process.exit(0));
  process.on("SIGINT", leave);
  process.on("SIGTERM", leave);
}
const { env, grandchild, pid } = (await (await fetch(`${system.serviceUrls[0]}/`)).json()) as {
  env: Record<string, string>;
  grandchild: number;
  pid: number;
};
process.stdout.write(`${JSON.stringify({ marker: env["SQUALL_RUN"], service: pid, grandchild })}\n`);
setInterval(() => undefined, 1000);
