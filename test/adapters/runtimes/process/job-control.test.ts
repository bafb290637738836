import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { jobControl, makeJobDirectories } from "../../../../src/adapters/runtimes/process/job-control.ts";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { describeJobControl } from "../../../conformance/job-control.ts";
import { jobSuite } from "../../../support/jobs/job-suite.ts";

describeJobControl({ name: "process", runtime: processRuntime, suite: jobSuite, leavesOrphans: true });

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
