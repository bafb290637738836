/** The real Toxiproxy: found on PATH, else built once into .cache/bin. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const VERSION = "2.12.0";
const CACHE = fileURLToPath(new URL("../../.cache/bin", import.meta.url));
const START_LIMIT_MS = 10_000;
const PAUSE_MS = 25;

export interface Toxiproxy {
  readonly process: ChildProcess;
  /** Listening port of its one proxy. */
  readonly port: number;
  /** Adds a constant downstream latency toxic. */
  delay(delayMs: number): Promise<void>;
}

/** Path of the server's binary; null, with the reason printed, where there is none and none can be built. */
const binary = (): string | null => {
  const onPath = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const places = [
    ...onPath.map((folder) => path.join(folder, "toxiproxy-server")),
    path.join(CACHE, "server"),
  ];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  const flags = `-X github.com/Shopify/toxiproxy/v2.Version=${VERSION}`;
  const module = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;
  try {
    execFileSync("go", ["install", "-ldflags", flags, module], {
      env: { ...process.env, GOBIN: CACHE, CGO_ENABLED: "0" },
      stdio: "pipe",
    });
    return path.join(CACHE, "server");
  } catch (error) {
    const [reason = ""] = String(error).split("\n", 1);
    console.log(`Toxiproxy is not measured: no toxiproxy-server on PATH, and "go install" failed: ${reason}`);
    return null;
  }
};

const call = async (url: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`Toxiproxy: ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

/** Its control API can not be asked which port it took, so it is given one. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const reachable = async (url: string): Promise<void> => {
  const limit = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await (await fetch(`${url}/version`)).text();
      return;
    } catch (error) {
      if (performance.now() > limit) throw error;
      await sleep(PAUSE_MS);
    }
  }
};

/** Starts it with one proxy in front of `upstreamPort`; null where it is not to be had. */
export const startToxiproxy = async (upstreamPort: number): Promise<Toxiproxy | null> => {
  const file = binary();
  if (file === null) return null;
  const port = await freePort();
  const server = spawn(file, ["-host", "127.0.0.1", "-port", String(port)], {
    stdio: "ignore",
    env: { ...process.env, LOG_LEVEL: "error" },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await reachable(url);
    const proxy = (await call(`${url}/proxies`, {
      name: "relay",
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${upstreamPort}`,
      enabled: true,
    })) as { readonly listen: string };
    return {
      process: server,
      port: Number(proxy.listen.split(":").at(-1)),
      delay: async (delayMs) => {
        const attributes = { latency: delayMs, jitter: 0 };
        await call(`${url}/proxies/relay/toxics`, { type: "latency", stream: "downstream", attributes });
      },
    };
  } catch (error) {
    server.kill();
    throw error;
  }
};
