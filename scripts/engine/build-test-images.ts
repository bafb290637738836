/**
 * node scripts/engine/build-test-images.ts [debian]
 *
 * Makes the images that tests with a Docker engine use; with `debian` also the base of the Python example.
 */
import { connectEngine } from "../../src/adapters/runtimes/docker/engine.ts";
import { ensureTestImages } from "./test-images.ts";

const say = (line: string): void => console.log(line);

try {
  const { docker } = await connectEngine();
  await ensureTestImages(docker, say, { debian: process.argv.includes("debian") });
  say("test images: in place");
} catch (error) {
  const { message, remedy } = error as Error & { remedy?: string };
  console.error(`${message}${remedy === undefined ? "" : ` ${remedy}`}`);
  console.error("An engine is brought up by: bash scripts/engine/start-engine.sh");
  process.exitCode = 1;
}
