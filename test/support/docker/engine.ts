// This file decides whether a group of tests is one: the rules are for the tests themselves.
/* oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/no-disabled-tests, vitest/valid-describe-callback */
/** What tests with a Docker engine share. */
import { randomBytes } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { connectEngine, type DockerEngine } from "../../../src/adapters/runtimes/docker/engine.ts";
import { newRunId, type RunLabels, runLabels } from "../../../src/adapters/runtimes/docker/labels.ts";
import { listLabelled, removeAll } from "../../../src/adapters/runtimes/docker/sweep.ts";

/**
 * A group of tests that need an engine. Without one they are left out, which global-setup.ts says once, with the command
 * that provides it; with SQUALL_REQUIRE_ENGINE=1 (as in .ci/run) they fail.
 */
export const describeDocker = (name: string, define: () => void): void => {
  const noEngine = inject("noEngine");
  if (noEngine === "") {
    describe(name, define);
  } else if (process.env["SQUALL_REQUIRE_ENGINE"] === "1") {
    describe(name, () => {
      test("an engine answers and has the test images", () => {
        expect(`${noEngine} (bash scripts/engine/start-engine.sh)`).toBe("");
      });
    });
  } else {
    describe.skip(name, define);
  }
};

let connected: Promise<DockerEngine> | null = null;

/** The engine, looked for once in each test file. */
export const testEngine = (): Promise<DockerEngine> => {
  connected ??= connectEngine();
  return connected;
};

export interface TestRun extends AsyncDisposable {
  readonly engine: DockerEngine;
  readonly labels: RunLabels;
  /** A bridge network of this run's own; gives its name. */
  network(): Promise<string>;
}

/** Labels under which a test makes what it needs; all that bears them is removed at its end. */
export const testRun = async (): Promise<TestRun> => {
  const engine = await testEngine();
  const { docker } = engine;
  const labels = runLabels(newRunId());
  return {
    engine,
    labels,
    network: async () => {
      const name = `squall-test-${randomBytes(4).toString("hex")}`;
      await docker.createNetwork({ Name: name, Driver: "bridge", Labels: labels.of("network") });
      return name;
    },
    [Symbol.asyncDispose]: async () => {
      await removeAll(docker, await listLabelled(docker, labels.runId));
    },
  };
};
