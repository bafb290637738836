import path from "node:path";
import type { SidecarContainerStart } from "../../../src/adapters/runtimes/docker/sidecar-container.ts";
import { ensureSidecarImage } from "../../../src/adapters/runtimes/docker/sidecar-image.ts";
import type { EdgeConfig } from "../../../src/core/sidecar-protocol.ts";
import type { TestRun } from "./engine.ts";

export const CONTROL_PORT = 8470;
export const TOKEN = "a-token-of-this-test";

/** An edge on all addresses that relays HTTP. */
export const edge = (name: string, port: number, upstream: string, host = "0.0.0.0"): EdgeConfig => {
  const [upstreamHost = "", upstreamPort] = upstream.split(":");
  const addresses = [{ host: upstreamHost, port: Number(upstreamPort) }];
  return { name, protocol: "http", host, port, upstream: { type: "addresses", addresses } };
};

export type SidecarParts = Pick<SidecarContainerStart, "networks"> &
  Partial<Pick<SidecarContainerStart, "publish" | "files" | "image">> & {
    readonly edges: (addresses: Readonly<Record<string, string>>) => readonly EdgeConfig[];
    readonly folder: string;
  };

/** Options of a sidecar's container under a test's labels. */
export const sidecarStart = async (
  { engine, labels }: Pick<TestRun, "engine" | "labels">,
  { networks, publish = {}, files = [], edges, folder, image }: SidecarParts,
): Promise<SidecarContainerStart> => ({
  engine,
  image: image ?? (await ensureSidecarImage(engine, undefined, () => {})),
  labels: labels.of("sidecar"),
  networks,
  controlPort: CONTROL_PORT,
  publish,
  files,
  logFile: path.join(folder, "sidecar.log"),
  configOf: (addresses) => ({
    token: TOKEN,
    controlHost: "0.0.0.0",
    controlPort: CONTROL_PORT,
    edges: edges(addresses),
    redact: [],
    exitWithParent: true,
  }),
});
