/** Once before all tests: is there an engine, and has it the images that tests use? */
import type { TestProject } from "vitest/node";
import { ensureTestImages } from "../../../scripts/engine/test-images.ts";
import { connectEngine } from "../../../src/adapters/runtimes/docker/engine.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Why there is no engine to test with; "" where there is one. */
    readonly noEngine: string;
  }
}

const whyNot = async (): Promise<string> => {
  try {
    const { docker } = await connectEngine();
    await ensureTestImages(docker, console.log);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

const setup = async (project: TestProject): Promise<void> => {
  const noEngine = await whyNot();
  project.provide("noEngine", noEngine);
  if (noEngine === "" || process.env["SQUALL_REQUIRE_ENGINE"] === "1") return;
  const [why = ""] = noEngine.split("\n", 1);
  console.log(
    `Left out: tests with a Docker engine (${why}). To run them: bash scripts/engine/start-engine.sh && node scripts/engine/build-test-images.ts`,
  );
};

export default setup;
