/** One answering server, the sidecar and the real Toxiproxy before it, each in a container of one network. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { toxiproxy } from "../../src/adapters/engines/toxiproxy/toxiproxy.ts";
import { connectEngine, type DockerEngine } from "../../src/adapters/runtimes/docker/engine.ts";
import { newRunId, type RunLabels, runLabels } from "../../src/adapters/runtimes/docker/labels.ts";
import { createNetwork } from "../../src/adapters/runtimes/docker/networks.ts";
import { startSidecarContainer } from "../../src/adapters/runtimes/docker/sidecar-container.ts";
import { ensureSidecarImage, type SidecarImage } from "../../src/adapters/runtimes/docker/sidecar-image.ts";
import { listLabelled, removeAll } from "../../src/adapters/runtimes/docker/sweep.ts";
import type { Target } from "../relay/cost.ts";
import { ANSWER, REQUEST } from "../relay/traffic.ts";

const TOXIPROXY = "ghcr.io/shopify/toxiproxy:2.12.0";
const API_PORT = 8474;
const CONTROL_PORT = 8470;
const SERVER_PORT = 9000;
const PROXY_PORT = 9100;
const EDGES = { tcp: 9001, http: 9002 } as const;

export interface Relays extends AsyncDisposable {
  readonly targets: readonly Target[];
}

/** As relay/answer-server.ts, for a container that has nothing but node. argv: bytes of a request, the answer in base64 */
const SERVER = `const bytes = Number(process.argv[1]); const answer = Buffer.from(process.argv[2], "base64");
require("node:net").createServer({ noDelay: true }, (socket) => {
  let received = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => { received += chunk.length; for (; received >= bytes; received -= bytes) socket.write(answer); });
}).listen({ port: ${SERVER_PORT}, host: "0.0.0.0", backlog: 1024 });`;

interface Made {
  readonly engine: DockerEngine;
  readonly labels: RunLabels;
  readonly network: string;
}

const runContainer = async (
  { engine, labels, network }: Made,
  image: string,
  command: { readonly entrypoint?: readonly string[]; readonly words?: readonly string[] },
  alias: string,
): Promise<string> => {
  const container = await engine.docker.createContainer({
    Image: image,
    Labels: labels.of("worker"),
    ...(command.entrypoint === undefined ? {} : { Entrypoint: [...command.entrypoint] }),
    ...(command.words === undefined ? {} : { Cmd: [...command.words] }),
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [alias] } } },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return NetworkSettings.Networks[network]?.IPAddress ?? "";
};

const startSidecar = async (made: Made, image: SidecarImage, folder: string) =>
  startSidecarContainer({
    engine: made.engine,
    image,
    labels: made.labels.of("sidecar"),
    networks: [{ name: made.network, aliases: ["sidecar"] }],
    controlPort: CONTROL_PORT,
    publish: {},
    logFile: path.join(folder, "sidecar.log"),
    files: [],
    configOf: () => ({
      token: randomBytes(16).toString("hex"),
      controlHost: "0.0.0.0",
      controlPort: CONTROL_PORT,
      redact: [],
      exitWithParent: true,
      edges: (["tcp", "http"] as const).map((protocol) => ({
        name: protocol,
        protocol,
        host: "0.0.0.0",
        port: EDGES[protocol],
        upstream: { type: "addresses", addresses: [{ host: "server", port: SERVER_PORT }] },
      })),
    }),
  });

/** @throws where this machine does not reach containers at their own addresses: the forwarder would be measured */
export const startRelays = async (): Promise<Relays> => {
  const engine = await connectEngine();
  if (!engine.reachesContainers) throw new Error("containers are not reached at their own addresses here");
  const labels = runLabels(newRunId());
  const folder = await mkdtemp(path.join(tmpdir(), "squall-bench-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  stack.defer(
    async () => void (await removeAll(engine.docker, await listLabelled(engine.docker, labels.runId))),
  );
  const network = await createNetwork(engine, labels, "");
  const made: Made = { engine, labels, network: network.name };
  const image = await ensureSidecarImage(engine, undefined, () => undefined);
  const words = ["-e", SERVER, String(REQUEST.length), ANSWER.toString("base64")];
  const server = await runContainer(made, image.name, { entrypoint: image.node, words }, "server");
  const sidecar = stack.use(await startSidecar(made, image, folder));
  const proxy = await runContainer(made, TOXIPROXY, {}, "toxiproxy");
  const { front } = toxiproxy({ image: TOXIPROXY }, new Set(["relay"]));
  await front.place(`http://${proxy}:${API_PORT}`, [
    { edge: "relay", listen: `0.0.0.0:${PROXY_PORT}`, upstream: `server:${SERVER_PORT}` },
  ]);
  const relay = sidecar.addresses[network.name] ?? "";
  const kept = stack.move();
  const target = (name: string, host: string, port: number): Target => ({ name, host, port, pid: null });
  return {
    targets: [
      target("direct", server, SERVER_PORT),
      target("sidecar tcp", relay, EDGES.tcp),
      target("sidecar http", relay, EDGES.http),
      target("toxiproxy", proxy, PROXY_PORT),
    ],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};
