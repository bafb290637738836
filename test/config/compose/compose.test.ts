import { describe, expect, test } from "vitest";
import { type ComposeService, readComposeFile } from "../../../src/config/compose/compose.ts";
import { SquallError } from "../../../src/core/errors.ts";

const file = "compose.yml";
const read = (
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
  services?: readonly string[],
): ReadonlyMap<string, ComposeService> =>
  readComposeFile(text, { file, environment, ...(services === undefined ? {} : { services }) });

/** The one service of a file that holds these keys (as flow maps or values) beside an image. */
const service = (keys: Readonly<Record<string, unknown>>, environment = {}): ComposeService => {
  const text = JSON.stringify({ services: { app: { image: "app:1", ...keys } } });
  const found = read(text, environment).get("app");
  if (found === undefined) throw new Error("no service");
  return found;
};

const refusal = (text: string, environment = {}): SquallError => {
  try {
    read(text, environment);
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("the file was taken");
};
const refused = (keys: Readonly<Record<string, unknown>>, environment = {}): string =>
  refusal(JSON.stringify({ services: { app: { image: "app:1", ...keys } } }), environment).detail.join("\n");

const WHOLE = `name: answers
x-common: &common
  restart: unless-stopped
  logging: { driver: json-file }
services:
  app:
    <<: *common
    build:
      context: .
      dockerfile: docker/Dockerfile
      target: runtime
      args: ["VERSION=\${VERSION:-1}", TOKEN]
    command: python -m app --name "two words"
    environment:
      DATABASE_URL: postgres://db:5432/\${DB:-app}
      LOG: null
      WORKERS: 4
    ports: ["127.0.0.1:8080:8000"]
    volumes: [./models:/models:ro, cache:/cache]
    depends_on: { db: { condition: service_healthy } }
    working_dir: /srv
    user: 1000:1000
    deploy: { resources: { limits: { cpus: "1.5", memory: 512M } }, replicas: 2 }
    healthcheck: { test: [CMD, curl, -f, "http://localhost:8000/healthz"] }
  db:
    image: postgres:17
    expose: [5432]
    shm_size: 64mb
    tmpfs: /run
volumes: { cache: {} }
`;

describe("a compose file", () => {
  test("becomes its services, with variables filled in and units read", () => {
    const found = read(WHOLE, { VERSION: "2", LOG: "debug" });
    expect([...found.keys()]).toEqual(["app", "db"]);
    expect(found.get("app")).toEqual({
      build: { context: ".", dockerfile: "docker/Dockerfile", target: "runtime", args: { VERSION: "2" } },
      command: ["python", "-m", "app", "--name", "two words"],
      environment: { DATABASE_URL: "postgres://db:5432/app", LOG: "debug", WORKERS: "4" },
      ports: [8000],
      volumes: [
        { type: "bind", source: "./models", target: "/models", readOnly: true },
        { type: "volume", source: "cache", target: "/cache", readOnly: false },
      ],
      dependsOn: ["db"],
      workingDir: "/srv",
      user: "1000:1000",
      cpus: 1.5,
      memoryBytes: 512 * 1024 * 1024,
      tmpfs: [],
    });
    expect(found.get("db")).toEqual({
      image: "postgres:17",
      environment: {},
      ports: [5432],
      volumes: [],
      dependsOn: [],
      shmBytes: 64 * 1024 * 1024,
      tmpfs: ["/run"],
    });
  });

  test("is frozen through and through", () => {
    const app = read(WHOLE).get("app");
    expect(
      Object.isFrozen(app) && Object.isFrozen(app?.environment) && Object.isFrozen(app?.volumes[0]),
    ).toBe(true);
  });

  test("is asked for some of its services only: what the others hold is not looked at", () => {
    const text = "services:\n  app: { image: a }\n  spy: { image: b, privileged: true, env_file: .env }\n";
    expect([...read(text, {}, ["app"]).keys()]).toEqual(["app"]);
    expect(() => read(text)).toThrow(SquallError);
  });
});

describe("variables", () => {
  const set = { A: "one", EMPTY: "", PATH_LIKE: "/x" };
  test.each([
    ["plain", "plain"],
    ["$A", "one"],
    ["${A}", "one"],
    ["$A-$A.${A}", "one-one.one"],
    ["${NONE}", ""],
    ["$NONE!", "!"],
    ["${NONE:-two}", "two"],
    ["${NONE-two}", "two"],
    ["${EMPTY:-two}", "two"],
    ["${EMPTY-two}", ""],
    ["${A:-two}", "one"],
    ["${A:+set}", "set"],
    ["${NONE:+set}", ""],
    ["${EMPTY+set}", "set"],
    ["${EMPTY:+set}", ""],
    ["${A:?needed}", "one"],
    ["${NONE:-${A}}", "one"],
    ["${NONE:-${ALSO_NONE:-deep}}!", "deep!"],
    ["${NONE:-}", ""],
    ["${NONE:-a:b-c?d}", "a:b-c?d"],
    ["$$A $${A} $$$$", "$A ${A} $$"],
    ["${constructor}", ""],
  ])("%s is %j", (written, filled) => {
    expect(service({ environment: { X: written } }, set).environment["X"]).toBe(filled);
  });

  test.each([
    ["${NONE:?write it into .env}", "The variable NONE is not set: write it into .env"],
    ["${EMPTY:?}", "The variable EMPTY is not set"],
    ["${", "A variable's brace is not closed"],
    ["${}", "is no variable"],
    ["${A B}", "is no variable"],
    ["cost: 5$", "A dollar sign begins no variable"],
    ["$1", "A dollar sign begins no variable"],
  ])("%s is a problem", (written, words) => {
    expect(refused({ environment: { X: written } }, set)).toContain(words);
  });

  test("make no text without end", () => {
    const long = { A: "x".repeat(10_000) };
    expect(refused({ environment: { X: "$A".repeat(10_000) } }, long)).toContain(
      "longer than 65536 characters",
    );
    expect(refused({ command: Array.from({ length: 5000 }, () => "$A") }, long)).toContain("too large");
    const deep = `${"${A:+".repeat(20)}x${"}".repeat(20)}`;
    expect(refused({ environment: { X: deep } }, long)).toContain("nested too deeply");
    const nested = `${"${A:+".repeat(5000)}${"}".repeat(5000)}`;
    expect(refused({ environment: { X: nested } }, long)).toContain("services.app.environment.X");
  });

  test("that fail are told once, not again as the wrong value they leave", () => {
    const words = refused({ ports: ["${"], cpus: "${NONE:?set it}" });
    expect(words.match(/^compose\.yml:/gm)).toHaveLength(2);
    expect(words).toContain("The variable NONE is not set: set it");
  });

  test("never show what the environment holds", () => {
    const words = refused(
      {
        ports: ["${SECRET}"],
        command: "a | ${SECRET}",
        environment: { "b-${x": "${SECRET}" },
        cpus: "${SECRET}",
      },
      { SECRET: "hunter2" },
    );
    expect(words).toContain("services.app.ports[0]");
    expect(words).not.toContain("hunter2");
  });
});

describe("forms", () => {
  test.each([
    [["8080:80"], [80]],
    [[80, "80/tcp"], [80]],
    [
      ["127.0.0.1:8080:80", "[::1]:9090:90"],
      [80, 90],
    ],
    [["3000-3002"], [3000, 3001, 3002]],
    [["8000-8001:80-81"], [80, 81]],
    [["53:53/udp", "80"], [80]],
    [[{ target: 80, published: "8080", protocol: "tcp", mode: "host" }], [80]],
    [[{ target: 53, protocol: "udp" }], []],
    [[{ target: "90" }], [90]],
  ])("ports %j are %j", (ports, expected) => {
    expect(service({ ports }).ports).toEqual(expected);
    expect(service({ expose: ["7"], ports }).ports).toEqual([...expected, 7]);
  });

  test.each([["http"], [0], ["70000"], ["5-3"], ["1-60000"], [{}], [{ target: [] }], [null], [[80]]])(
    "ports hold no %j",
    (entry) => {
      expect(refused({ ports: [entry] })).toContain("This names no port of the container");
    },
  );

  test.each([
    ["/data", { type: "volume", target: "/data", readOnly: false }],
    ["cache:/data:rw", { type: "volume", source: "cache", target: "/data", readOnly: false }],
    ["./a/../b:/data:ro,z", { type: "bind", source: "./a/../b", target: "/data", readOnly: true }],
    [".:/app", { type: "bind", source: ".", target: "/app", readOnly: false }],
    [
      { type: "bind", source: "conf", target: "/conf", read_only: true, bind: { create_host_path: true } },
      { type: "bind", source: "./conf", target: "/conf", readOnly: true },
    ],
    [
      { type: "volume", source: "cache", target: "/data", volume: { nocopy: true } },
      { type: "volume", source: "cache", target: "/data", readOnly: false },
    ],
  ])("volume %j", (written, expected) => {
    expect(service({ volumes: [written] }).volumes).toEqual([expected]);
  });

  test("a volume of type tmpfs is a directory in memory", () => {
    expect(service({ volumes: [{ type: "tmpfs", target: "/run" }], tmpfs: ["/tmp"] })).toMatchObject({
      volumes: [],
      tmpfs: ["/run", "/tmp"],
    });
  });

  test.each([
    ["/etc:/etc", "An absolute path exists on one machine only"],
    ["/var/run/docker.sock:/var/run/docker.sock", "An absolute path"],
    ["~/.ssh:/ssh", "An absolute path"],
    ["C:\\data:/data", "An absolute path"],
    ["../secrets:/s", "This path leaves the compose file's directory"],
    ["./a/../../b:/s", "This path leaves"],
    [{ type: "bind", source: "../x", target: "/x" }, "This path leaves"],
    [{ type: "bind", target: "/x" }, "A bind has a source"],
    ["a/b:/data", "This is no name of a volume"],
    ["cache:data", "The target must be an absolute path"],
    ["cache:/", "The target must be an absolute path"],
    ["cache:/data:shared", "Squall cannot do volumes with the option shared"],
    ["a:/b:ro:c", "This is no volume"],
    [{ type: "npipe", source: "a", target: "/b" }, "volumes of type npipe"],
    [{ type: "volume", source: "a", target: "/b", volume: { subpath: "c" } }, "volumes with volume.subpath"],
    [{ source: "a" }, "The volume has no target"],
    [7, "This is no volume"],
  ])("volume %j is refused", (written, words) => {
    expect(refused({ volumes: [written] })).toContain(words);
  });

  test.each([
    ["node a.js 'b c'", ["node", "a.js", "b c"]],
    [
      ["node", "a b", 3, true],
      ["node", "a b", "3", "true"],
    ],
    ["", []],
    [[], []],
    [null, undefined],
  ])("command and entrypoint %j are %j", (written, expected) => {
    expect(service({ command: written }).command).toEqual(expected);
    expect(service({ entrypoint: written }).entrypoint).toEqual(expected);
  });

  test("environment is a map or a list; names alone come from the environment, where they are set", () => {
    const environment = { HOME_URL: "http://a=b" };
    const expected = { A: "1", HOME_URL: "http://a=b", B: "x=y", C: "" };
    expect(
      service({ environment: ["A=1", "HOME_URL", "NONE", "B=x=y", "C="] }, environment).environment,
    ).toEqual(expected);
    expect(
      service({ environment: { A: 1, HOME_URL: null, NONE: null, B: "x=y", C: "" } }, environment)
        .environment,
    ).toEqual(expected);
    expect(service({ environment: { T: true } }).environment).toEqual({ T: "true" });
  });

  test.each([
    ["512m", 512 * 1024 ** 2],
    ["1.5gb", 1.5 * 1024 ** 3],
    ["64MiB", 64 * 1024 ** 2],
    ["8000000", 8_000_000],
    [8_000_000, 8_000_000],
    ["9000k", 9000 * 1024],
  ])("size %j is %d bytes", (written, bytes) => {
    expect(service({ mem_limit: written }).memoryBytes).toBe(bytes);
  });

  test.each(["", "512x", "-1m", "1e9", {}, "1b", 0, "99999999g"])("size %j is none", (mem_limit) => {
    expect(refused({ mem_limit })).toContain("services.app.mem_limit");
  });

  test("limits of deploy stand where the service says nothing itself", () => {
    const deploy = { resources: { limits: { cpus: "0.5", memory: "100M" } } };
    expect(service({ deploy })).toMatchObject({ cpus: 0.5, memoryBytes: 100 * 1024 ** 2 });
    expect(service({ deploy, cpus: 2, mem_limit: "1g" })).toMatchObject({ cpus: 2, memoryBytes: 1024 ** 3 });
  });

  test("build is a directory or a map, and may stand beside image", () => {
    expect(service({ build: "../app" })).toMatchObject({
      image: "app:1",
      build: { context: "../app", dockerfile: "Dockerfile", args: {} },
    });
    expect(service({ build: { args: { A: 1, B: null } } }, { B: "2" }).build?.args).toEqual({
      A: "1",
      B: "2",
    });
    for (const [build, words] of [
      ["https://github.com/a/b.git", "A context on the network is not fetched"],
      ["git@host:a/b.git", "A context on the network"],
      ["/srv/app", "An absolute path"],
      [{ context: ".", dockerfile: "../Dockerfile" }, "The Dockerfile lies outside its context"],
      [{ dockerfile_inline: "FROM x" }, "dockerfile_inline changes how the container runs"],
      [{ contxt: "." }, "did you mean context?"],
      [["."], "This must be a directory, or a map"],
    ] as const)
      expect(refused({ build })).toContain(words);
  });
});

describe("what squall cannot do", () => {
  const UNABLE = {
    env_file: ".env",
    extends: { service: "base" },
    privileged: true,
    network_mode: "host",
    pid: "host",
    ipc: "host",
    devices: ["/dev/kvm:/dev/kvm"],
    gpus: "all",
    cap_add: ["NET_ADMIN"],
    security_opt: ["seccomp:unconfined"],
    secrets: ["key"],
    configs: ["conf"],
    links: ["db"],
    volumes_from: ["db"],
    extra_hosts: ["a:1.2.3.4"],
    read_only: true,
    sysctls: { "net.core.somaxconn": 1 },
    ulimits: { nofile: 10 },
    dns: "1.1.1.1",
    platform: "linux/amd64",
    cpuset: "0",
  };

  test("is told all at once, each with its place and remedy", () => {
    const text = `services:\n  app:\n    image: a\n${Object.entries(UNABLE)
      .map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
      .join("")}`;
    const error = refusal(text);
    expect(error).toMatchObject({ code: "suite-invalid", exitCode: 2, place: "compose.yml:4:5" });
    expect(error.message).toBe(`compose.yml has ${Object.keys(UNABLE).length} problems.`);
    expect(error.remedy).toContain("squall.yml");
    const words = error.detail.join("\n");
    for (const [index, key] of Object.keys(UNABLE).entries())
      expect(words).toContain(
        `compose.yml:${index + 4}:5  services.app.${key}\n  ${key} changes how the container runs, and squall cannot do it`,
      );
    expect(words.match(/^ {2}remedy: {2}\S/gm)).toHaveLength(Object.keys(UNABLE).length);
  });

  test("may stand there where it does nothing", () => {
    const nothing = {
      privileged: false,
      read_only: "${RO:-false}",
      cap_add: [],
      secrets: null,
      extra_hosts: {},
    };
    expect(service(nothing).image).toBe("app:1");
  });

  test("of a cluster is passed over, but not a demand for devices", () => {
    expect(
      refused({ deploy: { resources: { reservations: { devices: [{ driver: "nvidia" }] } } } }),
    ).toContain("services.app.deploy.resources.reservations.devices");
    expect(
      service({ deploy: { replicas: 3, placement: {}, resources: { reservations: { cpus: "1" } } } }).image,
    ).toBe("app:1");
  });

  test("includes a volume that is not the run's own", () => {
    const text = (volume: string): string =>
      `services: {app: {image: a, volumes: ["data:/data"]}}\nvolumes: {data: ${volume}}\n`;
    expect(refusal(text("{external: true}")).detail.join()).toContain("volumes.data.external");
    expect(refusal(text("{driver: nfs}")).detail.join()).toContain("volumes.data.driver");
    expect(read(text("{driver: local}")).size).toBe(1);
    expect(read(text("")).size).toBe(1);
    expect(read("services: {app: {image: a}}\nvolumes: {other: {external: true}}\n").size).toBe(1);
  });

  test("and what is passed over changes nothing", () => {
    const passed = {
      healthcheck: { test: "exit 0" },
      restart: "always",
      container_name: "x",
      networks: ["a"],
      labels: ["a=b"],
      logging: {},
      profiles: ["dev"],
      hostname: "h",
      init: true,
      stop_grace_period: "1m",
      "x-own": { anything: 1 },
    };
    expect(service(passed)).toEqual(service({}));
  });
});

describe("a broken compose file", () => {
  test.each([
    ["", "The file is empty"],
    ["services:\n\tapp: {}", "Tabs are not allowed"],
    ["[]", "This must be a map"],
    ["version: '3'", "The file has no services"],
    ["services: []", "The file has no services"],
    ["services: {app: }", "This must be a map"],
    ["services: {app: {}}", "The service has neither image nor build"],
    ["services: {app: {imag: a}}", "did you mean image?"],
    ["sevices: {}", "did you mean services?"],
    ["include: [other.yml]\nservices: {}", "include changes how the container runs"],
    ["services: {app: {image: a, ports: 80}}", "This must be a list of ports"],
    ["services: {app: {image: a, environment: 5}}", "This must be a map, or a list of NAME=value"],
    ["services: {app: {image: a, environment: [1x=2]}}", "This is no name of a variable"],
    ["services: {app: {image: a, environment: {A: [1]}}}", "This must be a text"],
    ["services: {app: {image: a, working_dir: srv}}", "The working directory must be an absolute path"],
    [
      "services: {app: {image: a, tmpfs: '/run:size=1m'}}",
      "This is no directory that squall can keep in memory",
    ],
    ["services: {app: {image: [a]}}", "This must be a text"],
    ["services: {app: {image: a, command: 'a | b'}}", "is a shell operator"],
    ["services: {app: {image: a, cpus: 0}}", "This is no number of cores"],
    ["services: {app: {__proto__: {image: a}}}", "This cannot be a key"],
    ["services: {app: &a {image: a, x-b: *a}}", "Aliases make the file too large"],
    [
      [
        "a: &a [x,x,x,x,x,x,x,x,x]",
        ...["b", "c", "d", "e", "f"].map(
          (name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcde"[index]}`).join()}]`,
        ),
      ].join("\n"),
      "Aliases make the file too large",
    ],
    [`# ${"x".repeat(10_000_000)}`, "The file is larger than 1 MiB"],
    ["[".repeat(5000), "The file is nested too deeply"],
  ])("is told with its place: %#", (text, words) => {
    const error = refusal(text);
    expect(error.code).toBe("suite-invalid");
    expect(error.place).toMatch(/^compose\.yml:\d+:\d+$/);
    expect(error.detail.join("\n")).toContain(words);
  });

  test("shows no line that holds a secret", () => {
    const secret = "sk-proj-abcdefghijklmnop123456";
    for (const text of [
      `services: {app: {image: a, privileged: true, environment: {KEY: ${secret}}}}`,
      `services:\n  app:\n    image: a\n    environment:\n      9KEY: ${secret}\n`,
      `services:\n  app:\n    image: a\n    environment: ["9-${secret}"]\n`,
    ])
      expect(refusal(text).detail.join("\n")).not.toContain(secret);
  });

  test("of names that mean something to JavaScript is read like any other", () => {
    const found = read(
      "services:\n  constructor: { image: a, environment: { toString: x, constructor: y } }\n",
    );
    expect(found.get("constructor")?.environment).toEqual({ toString: "x", constructor: "y" });
    expect(found.get("toString")).toBeUndefined();
    expect(refused({ environment: ["__proto__=x"] })).toContain("This is no name of a variable");
  });
});
