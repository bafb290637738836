// This file decides whether a group of tests is one: the rules are for the tests themselves.
/* oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/no-disabled-tests, vitest/valid-describe-callback */
/** The real Toxiproxy 2.12.0, as a process of the test's own. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { until } from "../services/living.ts";

const VERSION = "2.12.0";
const MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;
const FLAGS = `-X github.com/Shopify/toxiproxy/v2.Version=${VERSION}`;
export const PROVIDED_BY = `go (1.23 or newer) on PATH, or: GOBIN=$PWD/.cache/bin CGO_ENABLED=0 go install -ldflags "${FLAGS}" ${MODULE}`;

/** Where the benchmark and the test images put theirs. */
const OF_THE_CHECKOUT = fileURLToPath(new URL("../../../.cache/bin/server", import.meta.url));
const CACHE = path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "squall-test");
const CACHED = path.join(CACHE, `toxiproxy-${VERSION}`);

/** Built beside its place and moved there: another worker never runs half a file. */
const build = (): void => {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(path.join(CACHE, "build-"));
  try {
    execFileSync("go", ["install", "-ldflags", FLAGS, MODULE], {
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" },
      stdio: "pipe",
    });
    renameSync(path.join(folder, "server"), CACHED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Path of the server, built once; or why there is none. */
const binary = (): { readonly file: string } | { readonly missing: string } => {
  const found = [OF_THE_CHECKOUT, CACHED].find((place) => existsSync(place));
  if (found !== undefined) return { file: found };
  try {
    build();
    return { file: CACHED };
  } catch (error) {
    const [reason = ""] = String(error).split("\n", 1);
    return {
      missing: `Toxiproxy ${VERSION} is not here and cannot be built (${reason}). Provided by: ${PROVIDED_BY}`,
    };
  }
};

/**
 * A group of tests that need the real server. Where there is none and it cannot be built, they are left out with the
 * command that provides it; with SQUALL_REQUIRE_ENGINE=1 (as in .ci/run) they fail.
 */
export const describeToxiproxy = (name: string, define: () => void): void => {
  const answer = binary();
  if ("file" in answer) {
    describe(name, define);
  } else if (process.env["SQUALL_REQUIRE_ENGINE"] === "1") {
    describe(name, () => {
      test("the real Toxiproxy is there", () => {
        expect(answer.missing).toBe("");
      });
    });
  } else {
    console.log(`left out: ${name}. ${answer.missing}`);
    describe.skip(name, define);
  }
};

/** It can not be asked which port it took, so it is given one. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

export interface ToxiproxyServer extends AsyncDisposable {
  readonly url: string;
  /** Names of its proxies. */
  proxies(): Promise<string[]>;
  call(method: string, path: string, body?: unknown): Promise<Response>;
  /** Ends it; again is nothing. */
  stop(): Promise<void>;
}

export const toxiproxyServer = async (): Promise<ToxiproxyServer> => {
  const answer = binary();
  if ("missing" in answer) throw new Error(answer.missing);
  const port = await freePort();
  const child = spawn(answer.file, ["-host", "127.0.0.1", "-port", String(port)], {
    stdio: "ignore",
    env: { LOG_LEVEL: "error" },
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const call = (method: string, place: string, body?: unknown): Promise<Response> =>
    fetch(url + place, {
      method,
      // Not kept: a kept connection would hold up its ending.
      headers: { "user-agent": "test", connection: "close" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await until("Toxiproxy answers", () =>
      call("GET", "/version").then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    call,
    stop,
    proxies: async () => Object.keys((await (await call("GET", "/proxies")).json()) as object),
    [Symbol.asyncDispose]: stop,
  };
};
