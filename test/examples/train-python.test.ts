/** The training example in Python, where numpy is installed: real processes, really killed. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { describeTraining } from "./support/training-behaviour.ts";
import { TRAIN_PYTHON } from "./support/training-example.ts";

const REQUIRED = process.env["SQUALL_REQUIRE_ENGINE"] === "1";
const SETUP = "examples/train-python/setup.sh";

const isInstalled =
  spawnSync(".venv/bin/python", ["-c", "import numpy"], { cwd: TRAIN_PYTHON.directory }).status === 0;
if (!isInstalled && !REQUIRED)
  console.warn(`left out: the training in Python, which lacks numpy. Run ${SETUP}`);

test("its set-up says in words what it lacks", () => {
  const { status, stderr } = spawnSync("./setup.sh", [], {
    cwd: TRAIN_PYTHON.directory,
    env: { ...process.env, PYTHON: "python-that-is-not" },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("there is no python-that-is-not");
});

describe.skipIf(!isInstalled && !REQUIRED)("the training in Python", () => {
  describeTraining(TRAIN_PYTHON);
});
