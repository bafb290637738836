// Whether the Python example can be built is known when the file is read: the rules are for the tests themselves.
/* oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/no-disabled-tests, vitest/valid-describe-callback */
/** The examples in containers: built from their own Dockerfiles, on bases of this machine, and asked as their customers do. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DEBIAN_IMAGE } from "../../../scripts/engine/test-images.ts";
import { dockerRuntime } from "../../../src/adapters/runtimes/docker/docker-runtime.ts";
import type { Suite } from "../../../src/core/suite.ts";
import type { RunningSystem } from "../../../src/run/ports.ts";
import { asPullRequest, demoSuiteFile } from "../../../src/surfaces/cli/demo.ts";
import { withBuildArguments } from "../../../src/surfaces/gate/build-arguments.ts";
import { readSuite } from "../../../src/surfaces/gate/read-suite.ts";
import { ask, MODEL_DOWN, setFaults } from "../../examples/support/example-system.ts";
import { describeDocker } from "../../support/docker/engine.ts";
import { SERVICE_IMAGE } from "../../support/services/container-suite.ts";

const PYTHON_EXAMPLE = fileURLToPath(new URL("../../../examples/answers-python/", import.meta.url));
const REQUIRED = process.env["SQUALL_REQUIRE_ENGINE"] === "1";

/** As `squall run --runtime docker --build-arg BASE=...` starts it. */
const startWith = async (
  suiteFile: string,
  base: string,
  change: (suite: Suite) => Suite = (suite) => suite,
): Promise<RunningSystem> => {
  const { suite, directory } = await readSuite(suiteFile);
  return (await dockerRuntime()).start({
    suite: withBuildArguments(change(suite), [`BASE=${base}`]),
    suiteDirectory: directory,
    runDirectory: mkdtempSync(path.join(tmpdir(), "squall-example-")),
    seed: 1,
    front: null,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
};

const answered = async (system: RunningSystem, question: string) => {
  const answer = await ask(system, question);
  const { source = "" } = answer.ok ? ((await answer.json()) as { source?: string }) : {};
  return { status: answer.status, source };
};

/** What it needs beyond an engine; "" where all is there. */
const whyNoPython = (): string => {
  const wheels = path.join(PYTHON_EXAMPLE, "wheels");
  if (!existsSync(wheels) || !readdirSync(wheels).some((name) => name.includes("-cp311-")))
    return "its packages are not here: examples/answers-python/setup.sh --wheels 3.11";
  try {
    execFileSync("docker", ["image", "inspect", DEBIAN_IMAGE], { stdio: "ignore" });
    return "";
  } catch {
    return "its base is not here: node scripts/engine/build-test-images.ts debian";
  }
};

describeDocker("the examples in containers", () => {
  test("the demo's main and its pull request: one answers from the FAQ while the model is down, the other does not", async () => {
    for (const { change, down } of [
      { change: (suite: Suite) => suite, down: { status: 200, source: "faq" } },
      { change: asPullRequest, down: { status: 502, source: "" } },
    ]) {
      await using system = await startWith(demoSuiteFile(), SERVICE_IMAGE, change);
      const question = "How long is the warranty on electronic devices?";
      expect(await answered(system, question)).toEqual({ status: 200, source: "model" });
      const edges = new Set((await system.sidecar.takeRecords()).map(({ edge }) => edge));
      expect([...edges].toSorted()).toEqual(["client", "llm", "vector"]);
      await setFaults(system, [MODEL_DOWN]);
      expect(await answered(system, question)).toEqual(down);
    }
  }, 120_000);

  const missing = whyNoPython();
  if (missing !== "" && !REQUIRED) console.warn(`left out: the Python example in a container; ${missing}`);
  describe.skipIf(missing !== "" && !REQUIRED)("in Python", () => {
    test("answers with its model in a container", async () => {
      expect(missing).toBe("");
      await using system = await startWith(path.join(PYTHON_EXAMPLE, "squall.yml"), DEBIAN_IMAGE);
      const question = "What is the range of the battery?";
      expect(await answered(system, question)).toEqual({ status: 200, source: "model" });
      await setFaults(system, [MODEL_DOWN]);
      expect(await answered(system, question)).toEqual({ status: 200, source: "faq" });
    }, 240_000);
  });
});
