import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { tellJob } from "../../../../src/adapters/runtimes/docker/job-watch.ts";

test("an exit waits for what was written before it, and a line for nothing", async () => {
  const told: string[] = [];
  const { onLine, onExit } = tellJob(
    {
      onLine: ({ name, stream, text }) => void told.push(`${name} ${stream} ${text}`),
      onExit: ({ exitCode }) => void told.push(`exit ${exitCode}`),
    },
    "service-2",
  );
  const drained = Promise.withResolvers<void>();
  const exit = { name: "service-2", atMs: 5, exitCode: 1, signal: null, injected: false };
  const done = onExit(exit, drained.promise);
  await turn();
  onLine("stderr", "out of memory");
  drained.resolve();
  await done;
  expect(told).toEqual(["service-2 stderr out of memory", "exit 1"]);
});
