import { describe, expect, test } from "vitest";
import type { ContainerSpec, Suite } from "../../src/core/suite.ts";
import { mustParse, problemsOf, suiteWith } from "./support.ts";

const suiteOf = (parts: Readonly<Record<string, unknown>>): Suite => mustParse(suiteWith(parts)).suite;
const serviceContainer = (service: Readonly<Record<string, unknown>>): ContainerSpec | undefined =>
  suiteOf({ service: { port: 8000, ...service } }).service.container;

describe("a service in a container", () => {
  test("comes from an image, with its limits, files and volumes in our units", () => {
    const container = serviceContainer({
      image: "registry.example:5000/team/answers:1.2@sha256:" + "a".repeat(64),
      ready: "/healthz",
      readyTimeout: "90s",
      env: { A: 1 },
      cpus: 1.5,
      memory: "512MiB",
      cpuset: "0-1, 3",
      files: [{ source: "models/small.json", target: "/models/small.json" }],
      volumes: ["/data", "/var/cache/answers/"],
    });
    expect(container).toEqual({
      source: { type: "image", image: "registry.example:5000/team/answers:1.2@sha256:" + "a".repeat(64) },
      env: { A: "1" },
      port: 8000,
      ready: "/healthz",
      readyTimeoutMs: 90_000,
      cpus: 1.5,
      memoryBytes: 536_870_912,
      cpuset: "0-1,3",
      files: [{ source: "models/small.json", target: "/models/small.json" }],
      volumes: ["/data", "/var/cache/answers/"],
    });
  });

  test("is built from a directory, or from a map in which nothing is needed", () => {
    const plain = { type: "build", context: ".", dockerfile: "Dockerfile", args: {}, cache: true };
    expect(serviceContainer({ build: "app" })?.source).toEqual({ ...plain, context: "app" });
    expect(serviceContainer({ build: {} })?.source).toEqual(plain);
    expect(
      serviceContainer({
        build: {
          context: "app",
          dockerfile: "ci/Dockerfile",
          target: "test",
          args: { VERSION: 3, BASE_IMAGE: "base:1" },
          cache: false,
        },
      })?.source,
    ).toEqual({
      type: "build",
      context: "app",
      dockerfile: "ci/Dockerfile",
      target: "test",
      args: { VERSION: "3", BASE_IMAGE: "base:1" },
      cache: false,
    });
  });

  test("may be a service of a compose file, which knows its port", () => {
    const { service } = suiteOf({ service: { compose: { file: "deploy/compose.yml", service: "app" } } });
    expect(service.container).toMatchObject({
      source: { type: "compose", file: "deploy/compose.yml", service: "app" },
      port: 0,
    });
    expect(service.process).toBeUndefined();
  });

  test("may stand beside a command for runtime process", () => {
    const { service } = suiteOf({ service: { command: "node a.js", build: ".", port: 8000, cwd: "app" } });
    expect(service.process).toMatchObject({ command: ["node", "a.js"], cwd: "app" });
    expect(service.container?.source.type).toBe("build");
    expect(
      problemsOf(
        suiteWith({ runtime: "process", service: { command: "node a.js", build: ".", replicas: 2 } }),
      ),
    ).toEqual([]);
  });

  test("has replicas on one port, each in a container of its own", () => {
    expect(suiteOf({ service: { image: "answers:1", port: 8000, replicas: 3 } }).service.replicas).toBe(3);
  });

  test("may have a context or compose file elsewhere in the repository", () => {
    for (const service of [
      { build: "..", port: 80 },
      { build: { context: "../app" }, port: 80 },
      { compose: { file: "../compose.yml", service: "app" } },
    ])
      expect(mustParse(suiteWith({ service })).warnings).toEqual([]);
  });

  test.each([
    "redis",
    "redis:8",
    "library/redis",
    "localhost/answers",
    "localhost:5000/a/b__c/d-e.f:Tag-1.x",
    "ghcr.io/shopify/toxiproxy:2.12.0",
  ])("takes the image %s", (image) => {
    expect(serviceContainer({ image })?.source).toEqual({ type: "image", image });
  });

  test.each([
    "",
    "a b",
    "-a",
    "A",
    "a//b",
    "a/",
    "a:",
    "a:b:c",
    "a@b",
    "https://a/b",
    `a${"/a".repeat(300)}`,
  ])("refuses the image %j", (image) => {
    expect(problemsOf(suiteWith({ service: { image, port: 80 } }))).toHaveLength(1);
  });

  test.each(["/", "//a", "/a/../b", "/a/..", "/./a", "a", "/a:b", "/a\0"])(
    "refuses the volume %j",
    (volume) => {
      expect(problemsOf(suiteWith({ service: { image: "a", port: 80, volumes: [volume] } }))).toHaveLength(1);
    },
  );

  test("takes a cpuset that YAML reads as a number, and no other odd one", () => {
    expect(serviceContainer({ image: "a", cpuset: 0 })?.cpuset).toBe("0");
    for (const cpuset of ["", "a", "1-", "2-1", "0,,1", "-1", -1, 1.5, "0-99999", [0], null])
      expect(problemsOf(suiteWith({ service: { image: "a", port: 80, cpuset } }))).toHaveLength(1);
  });
});

describe("a dependency in a container", () => {
  const dependency = (written: Readonly<Record<string, unknown>>) =>
    suiteOf({ dependencies: { llm: { stub: "openai" }, store: written } }).dependencies[1];

  test("is an image, built, or of a compose file under its own name", () => {
    expect(dependency({ image: "redis:8", port: 6379, protocol: "tcp", memory: "64MiB" })).toEqual({
      name: "store",
      protocol: "tcp",
      source: {
        type: "container",
        container: {
          source: { type: "image", image: "redis:8" },
          env: {},
          port: 6379,
          readyTimeoutMs: 30_000,
          memoryBytes: 67_108_864,
          files: [],
          volumes: [],
        },
      },
    });
    expect(dependency({ build: "store", port: 80 })?.source).toMatchObject({
      container: { source: { type: "build", context: "store" } },
    });
    expect(dependency({ compose: { file: "compose.yml" } })?.source).toMatchObject({
      container: { source: { type: "compose", file: "compose.yml", service: "store" }, port: 0 },
    });
    expect(dependency({ compose: { file: "compose.yml", service: "db" } })?.source).toMatchObject({
      container: { source: { service: "db" } },
    });
  });

  test.each([{ image: "redis:8", port: 80 }, { build: ".", port: 80 }, { compose: { file: "compose.yml" } }])(
    "can be killed: %j",
    (store) => {
      const experiments = [{ name: "killed", faults: [{ kind: "kill", on: "store" }] }];
      expect(problemsOf(suiteWith({ dependencies: { store }, experiments }))).toEqual([]);
    },
  );

  test("takes the command of a process no further", () => {
    expect(problemsOf(suiteWith({ dependencies: { llm: { image: "a", port: 80, command: "b" } } }))).toEqual([
      "dependencies.llm.image: command and image exclude each other",
    ]);
  });
});

describe("what a measurement depends on", () => {
  const hash = (service: object): string => suiteOf({ service: { image: "a", port: 80, ...service } }).hash;

  test("are a container's limits, and neither its image nor its files", () => {
    const same = hash({});
    expect(hash({ image: "b" })).toBe(same);
    expect(hash({ files: [{ source: "a", target: "/a" }] })).toBe(same);
    for (const limit of [{ cpus: 1 }, { memory: "1GiB" }, { cpuset: "0" }])
      expect(hash(limit)).not.toBe(same);
  });

  test("is the engine of a fault, and not where Toxiproxy runs", () => {
    const of = (fault: object, parts: object = {}): string =>
      suiteOf({
        toxiproxy: { url: "http://127.0.0.1:8474" },
        experiments: [{ name: "slow", faults: [{ kind: "latency", on: "llm", delay: "1s", ...fault }] }],
        ...parts,
      }).hash;
    expect(of({ engine: "toxiproxy" })).not.toBe(of({}));
    expect(of({ engine: "toxiproxy" }, { toxiproxy: { url: "http://127.0.0.1:9000" } })).toBe(
      of({ engine: "toxiproxy" }),
    );
  });
});

describe("engines", () => {
  const faults = (fault: object, parts: object = {}): string =>
    suiteWith({
      experiments: [{ name: "a", faults: [{ kind: "latency", on: "llm", delay: "1s", ...fault }] }],
      ...parts,
    });
  const url = { toxiproxy: { url: "http://127.0.0.1:8474" } };

  test("have their defaults", () => {
    const suite = suiteOf({});
    expect(suite.docker).toEqual({});
    expect(suite.toxiproxy).toEqual({ image: "ghcr.io/shopify/toxiproxy:2.12.0" });
    expect(suite.experiments[0]?.faults[0]).not.toHaveProperty("engine");
  });

  test("are taken as they are written", () => {
    const suite = suiteOf({
      docker: { sidecarImage: "node:24-slim" },
      toxiproxy: { url: "http://[::1]:8474/", image: "toxiproxy:local" },
    });
    expect(suite.docker).toEqual({ sidecarImage: "node:24-slim" });
    expect(suite.toxiproxy).toEqual({ url: "http://[::1]:8474/", image: "toxiproxy:local" });
  });

  test("go with a fault that asks for one of its kind's", () => {
    const { suite } = mustParse(
      faults({ engine: "toxiproxy", fraction: "100%", attempts: "all", for: "2s" }, url),
    );
    expect(suite.experiments[0]?.faults[0]).toMatchObject({ engine: "toxiproxy", fraction: 1, forMs: 2000 });
    expect(problemsOf(faults({ engine: "sidecar", fraction: "20%" }))).toEqual([]);
    expect(problemsOf(faults({ engine: "runtime" }))).toEqual([
      "experiments[0].faults[0].engine: Engine runtime cannot do latency",
    ]);
  });

  test("toxiproxy needs an address only where no container can be started", () => {
    const fault = { engine: "toxiproxy" };
    const missing = [
      "experiments[0].faults[0].engine: Runtime process starts no Toxiproxy, and toxiproxy.url names none",
    ];
    expect(problemsOf(faults(fault))).toEqual(missing);
    expect(problemsOf(faults(fault, { runtime: "process" }))).toEqual(missing);
    expect(problemsOf(faults(fault, { service: { image: "a", port: 80 } }))).toEqual([]);
    expect(problemsOf(faults(fault, { service: { image: "a", port: 80 }, runtime: "docker" }))).toEqual([]);
    expect(problemsOf(faults(fault, { runtime: "process", ...url }))).toEqual([]);
  });

  test.each([
    "127.0.0.1:8474",
    "http://127.0.0.1",
    "https://127.0.0.1:8474",
    "http://127.0.0.1:8474/proxies",
    "http://127.0.0.1:8474?a",
    "http://127.0.0.1:99999",
    "http://a b:1",
    "http://a@b:1",
  ])("toxiproxy has no address %s", (address) => {
    expect(problemsOf(suiteWith({ toxiproxy: { url: address } }))).toEqual([
      "toxiproxy.url: This is no address of a Toxiproxy",
    ]);
  });
});
