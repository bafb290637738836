import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { markedProcesses } from "../../../src/adapters/runtimes/process/sweep.ts";
import { everywhere, jobSuite, struck } from "../../support/jobs/job-suite.ts";
import { measureRun } from "../../support/jobs/measure.ts";
import { stateOf, until } from "../../support/services/living.ts";

test("an interrupt under a fault leaves nothing behind: no worker, no helper of one, no sidecar", async () => {
  const abort = new AbortController();
  const suite = jobSuite({
    workers: 2,
    env: { STAY: "1", LEAVE_CHILD: "session", SAVE_EVERY: "1" },
    experiments: [struck("held", { type: "step", step: 10 }, [{ kind: "pause", ...everywhere("service") }])],
  });
  const runDirectory = mkdtempSync(path.join(tmpdir(), "squall-interrupted-"));
  const running = measureRun(suite, "held", { runDirectory, signal: abort.signal });
  running.catch(() => undefined);
  const directory = path.join(runDirectory, "jobs", "held-0");
  const stopped = async (): Promise<number> => {
    if (!existsSync(path.join(directory, "processes"))) return 0;
    const pids = await markedProcesses(readFileSync(path.join(directory, "processes"), "utf8"));
    return pids.filter((pid) => stateOf(pid) === "T").length;
  };
  await until("both workers stand still", async () => (await stopped()) === 2, 30_000);
  const marker = readFileSync(path.join(directory, "processes"), "utf8");
  // The sidecar, two workers, and what each of them has in a session of its own.
  expect(await markedProcesses(marker)).toHaveLength(5);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: "interrupted" });
  expect(await markedProcesses(marker)).toEqual([]);
});
