/** A program that starts a sidecar's container, says its id, and waits to be killed. argv: run id, network, folder. */
import { connectEngine } from "../../../src/adapters/runtimes/docker/engine.ts";
import { runLabels } from "../../../src/adapters/runtimes/docker/labels.ts";
import { startSidecarContainer } from "../../../src/adapters/runtimes/docker/sidecar-container.ts";
import { sidecarStart } from "./sidecar-start.ts";

const [runId = "", network = "", folder = ""] = process.argv.slice(2);
const start = await sidecarStart(
  { engine: await connectEngine(), labels: runLabels(runId) },
  { networks: [{ name: network, aliases: [] }], edges: () => [], folder },
);
const { containerId } = await startSidecarContainer(start);
process.stdout.write(`${containerId}\n`);
