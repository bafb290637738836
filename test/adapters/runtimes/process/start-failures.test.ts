import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { SquallError } from "../../../../src/core/errors.ts";
import type { DependencySpec } from "../../../../src/core/suite.ts";
import { answers, said, startOptions } from "../../../conformance/runtime.ts";
import { childrenOf } from "../../../support/services/living.ts";
import {
  type ServiceSuite,
  serviceProcess,
  serviceSuite,
  stub,
} from "../../../support/services/service-suite.ts";

/** Starts, expects it to fail, and that nothing we started is left. */
const failure = async (options: ServiceSuite): Promise<SquallError> => {
  const before = new Set(childrenOf(process.pid));
  const error: unknown = await processRuntime()
    .start(startOptions(serviceSuite(options)))
    .then((system) => system[Symbol.asyncDispose]())
    .catch((reason: unknown) => reason);
  if (!(error instanceof SquallError)) throw new Error(`no SquallError but ${String(error)}`);
  expect(childrenOf(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
  return error;
};

describe("a service that does not start", () => {
  test("a command that does not exist is named", async () => {
    const error = await failure({ command: ["no-such-program-of-ours"] });
    expect(error).toMatchObject({ code: "service-start-failed", exitCode: 3 });
    expect(error.message).toContain('"no-such-program-of-ours" was not found');
    expect(error.remedy).toContain("PATH");
  });

  test("a missing working directory is not taken for a missing command", async () => {
    const error = await failure({ cwd: "not/here" });
    expect(error.message).toMatch(/working directory .*not\/here does not exist/);
  });

  test("one that exits at once: its code and last lines, at once, without its secrets", async () => {
    const startedMs = performance.now();
    const error = await failure({
      env: { AT_START: "exit", MODEL_API_KEY: "sk-very-secret-1" },
      readyTimeoutMs: 60_000,
    });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(error.code).toBe("service-start-failed");
    expect(error.message).toContain("exit code 7");
    expect(error.detail).toContain("| about to fail");
    expect(error.detail).toContain("| cannot find the model with [redacted]");
    expect(error.detail).toContain("| last words without a newline");
    expect(error.detail.join("\n")).not.toContain("sk-very-secret-1");
  });

  test("one that never listens: how long was waited, where, and what it said", async () => {
    const error = await failure({ env: { AT_START: "silent" }, readyTimeoutMs: 700 });
    expect(error).toMatchObject({ code: "service-not-ready" });
    expect(error.message).toMatch(/not ready within 0\.7 s: .*ECONNREFUSED/);
    expect(error.place).toContain("GET /ready");
  });

  test("one whose ready path answers 503, or only redirects, is not ready", async () => {
    const start = (options: ServiceSuite): Promise<unknown> =>
      processRuntime()
        .start(startOptions(serviceSuite({ ...options, readyTimeoutMs: 3_000 })))
        .catch((reason: unknown) => reason);
    const [unready, moved] = await Promise.all([
      start({ env: { AT_START: "unready" } }),
      start({ ready: "/moved" }),
    ]);
    expect(unready).toMatchObject({ message: expect.stringContaining("GET /ready answered 503") as string });
    expect((unready as SquallError).detail.join("\n")).toContain("| listening on");
    expect(moved).toMatchObject({ message: expect.stringContaining("GET /moved answered 302") as string });
  });

  test("a fixed port held by another program is refused, not measured", async () => {
    const other = createServer((_, response) => response.end("not the service"));
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const error = await failure({ port });
      expect(error).toMatchObject({ code: "service-start-failed", place: "service.port" });
      expect(error.message).toContain(`Port ${port} of service is taken`);
    } finally {
      other.close();
    }
  });

  test("a port lost between our choice and its use: all is started again with others", async () => {
    const options = startOptions(serviceSuite());
    const suite = serviceSuite({
      env: { AT_START: "port-taken", CLAIM: path.join(options.runDirectory, "claim") },
    });
    const lines: string[] = [];
    await using system = await processRuntime().start({
      ...options,
      suite,
      progress: (line) => lines.push(line),
    });
    expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(true);
    expect(lines.filter((line) => line.includes("starting again"))).toHaveLength(1);
  });

  test("replicas on one fixed port, an image, an unknown name: configuration errors", async () => {
    expect(await failure({ port: 18_080, replicas: 2 })).toMatchObject({
      code: "suite-invalid",
      exitCode: 2,
    });
    expect(await failure({ env: { URL: "{{vectors}}" }, dependencies: [stub("llm")] })).toMatchObject({
      code: "suite-invalid",
      place: "service.env.URL",
      remedy: expect.stringContaining("llm") as string,
    });
    const image: DependencySpec = {
      name: "db",
      protocol: "tcp",
      source: {
        type: "container",
        container: {
          source: { type: "image", image: "postgres" },
          env: {},
          port: 5432,
          readyTimeoutMs: 1000,
          files: [],
          volumes: [],
        },
      },
    };
    expect(await failure({ dependencies: [image] })).toMatchObject({
      code: "fault-unsupported",
      exitCode: 2,
    });
  });

  test("a dependency that fails is named as one", async () => {
    const source = { type: "command", process: serviceProcess({ env: { AT_START: "exit" } }) } as const;
    const error = await failure({ dependencies: [{ name: "vectors", protocol: "http", source }] });
    expect(error).toMatchObject({ code: "dependency-start-failed", place: "vectors" });
  });
});

/** A port of this machine at which something listens until it is disposed. */
const listening = async (): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
};

describe("a dependency that someone else runs", () => {
  test("where nothing listens at its address nothing is started, and the suite's line is named", async () => {
    const port = await listening().then(async (gone) => {
      await gone[Symbol.asyncDispose]();
      return gone.port;
    });
    for (const url of [`http://localhost:${port}/x`, `tcp://127.0.0.1:${port}`]) {
      const protocol = url.startsWith("tcp") ? "tcp" : "http";
      const vector: DependencySpec = { name: "vector", protocol, source: { type: "url", url } };
      const error = await failure({ dependencies: [vector] });
      expect(error).toMatchObject({
        code: "dependency-start-failed",
        place: "dependencies.vector.url",
        exitCode: 3,
      });
      expect(error.message).toContain(`:${port}, where vector should be`);
      expect(error.remedy).toContain("command");
    }
  });
});

describe("what a process is given", () => {
  test("port, addresses and its own variables; nothing of the gate's own environment", async () => {
    process.env["GITHUB_TOKEN"] = "ghs_not_for_services";
    process.env["ACTIONS_RUNTIME_TOKEN"] = "not-for-services";
    const before = process.env["NODE_OPTIONS"];
    process.env["NODE_OPTIONS"] = "--no-warnings";
    await using elsewhere = await listening();
    try {
      const command = [...serviceProcess().command, "--llm={{llm}}", "--port", "{{port}}"];
      const env = { DB: "{{ db }}", SQUALL_RUN: "mine" };
      const db: DependencySpec = {
        name: "db",
        protocol: "tcp",
        source: { type: "url", url: `tcp://127.0.0.1:${elsewhere.port}` },
      };
      await using system = await processRuntime().start(
        startOptions(serviceSuite({ command, env, dependencies: [stub("llm"), db] })),
      );
      const seen = await said(system);
      const port = new URL(system.serviceUrls[0] ?? "").port;
      expect(seen.argv).toEqual([expect.stringMatching(/^--llm=http:\/\/127\.0\.0\.1:\d+$/), "--port", port]);
      expect(seen.env).toMatchObject({
        PORT: port,
        DB: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      });
      expect(seen.env["SQUALL_RUN"]).toMatch(/^[0-9a-f]{32}$/);
      expect(seen.env["PATH"]).toBe(process.env["PATH"]);
      for (const name of ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "NODE_OPTIONS"]) {
        expect(seen.env).not.toHaveProperty(name);
      }
    } finally {
      delete process.env["GITHUB_TOKEN"];
      delete process.env["ACTIONS_RUNTIME_TOKEN"];
      if (before === undefined) delete process.env["NODE_OPTIONS"];
      else process.env["NODE_OPTIONS"] = before;
    }
  });

  test("a command dependency stands behind its edge; every process has a log with times", async () => {
    const source = { type: "command", process: serviceProcess() } as const;
    const options = startOptions(
      serviceSuite({
        dependencies: [{ name: "vectors", protocol: "http", source }],
        env: { UPSTREAM: "{{vectors}}" },
      }),
    );
    {
      await using system = await processRuntime().start(options);
      expect(await (await fetch(`${system.clientUrl}/ask/search`)).json()).toMatchObject({ status: 200 });
      expect((await system.sidecar.takeRecords()).map(({ edge }) => edge)).toContain("vectors");
      expect((await system.processes.usage()).map(({ name }) => name)).toEqual(["service", "vectors"]);
    }
    for (const name of ["service", "vectors"]) {
      const log = readFileSync(path.join(options.runDirectory, "logs", `${name}.log`), "utf8");
      expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z stdout listening on \d+$/m);
    }
  });
});
