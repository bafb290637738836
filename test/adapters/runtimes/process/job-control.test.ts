import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { jobControl, makeJobDirectories } from "../../../../src/adapters/runtimes/process/job-control.ts";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { describeJobControl, heard } from "../../../conformance/job-control.ts";
import { jobSuite, trainProcess } from "../../../support/jobs/job-suite.ts";
import { until } from "../../../support/services/living.ts";

describeJobControl({ name: "process", runtime: processRuntime, suite: jobSuite });

// A container takes what its worker left behind with it.
test("what a worker left behind is counted, not what still belongs to one", async () => {
  const left = jobSuite({ steps: 1, env: { STAY: "1", LEAVE_CHILD: "session" } });
  const { system, job, exitsOf, hears } = await heard(processRuntime(), left);
  await using _ = system;
  await job.start(0);
  await hears("\u001B[32miter 1");
  expect(await job.orphans()).toBe(0);
  await system.processes.kill("service", "SIGKILL", 0);
  await exitsOf(1);
  expect(await job.orphans()).toBe(1);
  // A machine that is gone has no orphans.
  await job.replaceNode(0);
  await until("it is gone", async () => (await job.orphans()) === 0);
});

test("a command that cannot be started says so", async () => {
  const suite = jobSuite();
  const command = ["no-such-program-anywhere"];
  const service = { ...suite.service, process: { ...trainProcess(), command } };
  const { system, job } = await heard(processRuntime(), { ...suite, service });
  await using _ = system;
  await expect(job.start(0)).rejects.toMatchObject({ code: "service-start-failed" });
});

const emptyControl = async () => {
  const runDirectory = mkdtempSync(path.join(tmpdir(), "squall-job-files-"));
  mkdirSync(path.join(runDirectory, "checkpoints"));
  writeFileSync(path.join(runDirectory, "checkpoints", "old"), "of a run before");
  const directories = await makeJobDirectories(runDirectory, { services: [1] });
  return { control: jobControl({ workers: [], directories, marker: "" }), directories, runDirectory };
};

test("the directories are empty when a run begins", async () => {
  const { control } = await emptyControl();
  expect(await control.readFile("checkpoints", "old")).toBeNull();
});

test.each(["../secret", "link", "linked/secret"])(
  "no path leads out of the directory: %s",
  async (wanted) => {
    const { control, directories, runDirectory } = await emptyControl();
    writeFileSync(path.join(runDirectory, "secret"), "secret");
    symlinkSync("../secret", path.join(directories.checkpoints, "link"));
    symlinkSync("..", path.join(directories.checkpoints, "linked"));
    await expect(control.readFile("checkpoints", wanted)).rejects.toMatchObject({ code: "suite-invalid" });
  },
);

test("a link inside of the directory is followed", async () => {
  const { control, directories } = await emptyControl();
  writeFileSync(path.join(directories.checkpoints, "step-2"), "two");
  symlinkSync("step-2", path.join(directories.checkpoints, "latest"));
  expect(await control.readFile("checkpoints", "latest")).toBe("two");
});

test("a directory and a pipe are no files, and are not waited for", async () => {
  const { control, directories } = await emptyControl();
  mkdirSync(path.join(directories.checkpoints, "sub"));
  execFileSync("mkfifo", [path.join(directories.checkpoints, "pipe")]);
  expect(await control.readFile("checkpoints", "sub")).toBeNull();
  expect(await control.readFile("checkpoints", "pipe")).toBeNull();
});

test("of a long file its last 16 MiB are read, from a whole character on", async () => {
  const { control, directories } = await emptyControl();
  writeFileSync(path.join(directories.checkpoints, "long"), `${"é".repeat(9 << 20)}end`);
  const text = (await control.readFile("checkpoints", "long")) ?? "";
  expect(Buffer.byteLength(text)).toBe((16 << 20) - 1);
  expect(text.endsWith("éend")).toBe(true);
  expect(text.startsWith("é")).toBe(true);
});
