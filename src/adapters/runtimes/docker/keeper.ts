/**
 * Removes a run's containers, networks and volumes, whatever ends squall. Its own process, with squall's end of a pipe as
 * its standard input: when the pipe closes without the word `done`, squall crashed or was killed, and the run is swept.
 *
 *   argv: run id      stdin: "done" when all was removed in good order
 */
import { createInterface } from "node:readline";
import { connectEngine } from "./engine.ts";
import { sweepRun } from "./sweep.ts";

const runId = process.argv[2] ?? "";
let done = false;

// Signals meant for squall's terminal group must not end the one who cleans up.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  if (line === "done") done = true;
});
input.on("close", () => {
  if (done || !/^[0-9a-f]{12}$/.test(runId)) process.exit(0);
  connectEngine()
    .then(({ docker }) => sweepRun(docker, runId))
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
