import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { startRemedy } from "../../../../src/adapters/runtimes/docker/container-plan.ts";
import { dockerRuntime } from "../../../../src/adapters/runtimes/docker/docker-runtime.ts";
import { connectEngine } from "../../../../src/adapters/runtimes/docker/engine.ts";
import { LABEL_OWNER, ownerOf } from "../../../../src/adapters/runtimes/docker/labels.ts";
import { listLabelled } from "../../../../src/adapters/runtimes/docker/sweep.ts";
import { importImage } from "../../../../src/adapters/runtimes/docker/tar.ts";
import { SquallError } from "../../../../src/core/errors.ts";
import type { ContainerSpec } from "../../../../src/core/suite.ts";
import { startOptions } from "../../../conformance/runtime.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import { containerSuite } from "../../../support/services/container-suite.ts";

/** What of ours is on the engine now. */
const ours = async (): Promise<string[]> => {
  const { docker } = await connectEngine();
  const { containers, networks, volumes } = await listLabelled(docker);
  const own = ownerOf(process.pid);
  return [...containers, ...networks, ...volumes]
    .map(({ Labels }) => (Labels as Record<string, string> | null | undefined)?.[LABEL_OWNER] ?? "")
    .filter((owner) => owner === own);
};

interface Failure {
  readonly container?: Partial<ContainerSpec>;
  readonly files?: Readonly<Record<string, string>>;
}

const failureOf = async ({ container = {}, files = {} }: Failure): Promise<SquallError> => {
  const options = startOptions(containerSuite(container));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(options.suiteDirectory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const runtime = await dockerRuntime();
  const error: unknown = await runtime.start(options).then(
    async (system) => system[Symbol.asyncDispose](),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SquallError);
  expect(await ours()).toEqual([]);
  return error as SquallError;
};

const build = (dockerfile = "Dockerfile"): Partial<ContainerSpec> => ({
  source: { type: "build", context: "app", dockerfile, args: {}, cache: true },
});

describeDocker("what keeps a container from starting is told in words, and nothing is left", () => {
  test("an image that is not here and cannot be pulled", async () => {
    const error = await failureOf({
      container: { source: { type: "image", image: "squall-test/no-such-image:1" } },
    });
    expect(error).toMatchObject({ code: "image-unavailable", place: "service.image", exitCode: 3 });
    expect(error.message).toContain("squall-test/no-such-image:1");
    expect(error.remedy).toMatch(/name|registry/);
  });

  test("a build that fails shows its last lines", async () => {
    const error = await failureOf({
      container: build(),
      files: { "app/Dockerfile": "FROM squall-test/service:1\nCOPY no-such-file.js /\n" },
    });
    expect(error).toMatchObject({ code: "build-failed", exitCode: 3 });
    expect(error.detail.join("\n")).toContain("no-such-file.js");
  });

  test("a Dockerfile that is not there", async () => {
    const error = await failureOf({ container: build("Dockerfile.prod"), files: { "app/x": "" } });
    expect(error.message).toContain("Dockerfile.prod");
    expect(error.remedy).toContain("dockerfile");
  });

  test("a container that exits at start shows its log, with secrets struck out", async () => {
    const error = await failureOf({
      container: { env: { AT_START: "exit", MODEL_API_KEY: "sk-very-secret-value" } },
    });
    expect(error).toMatchObject({ code: "service-start-failed" });
    expect(error.message).toContain("exit code 7");
    const detail = error.detail.join("\n");
    expect(detail).toContain("cannot find the model with [redacted]");
    expect(detail).not.toContain("sk-very-secret-value");
  });

  test("a port that never answers shows what was tried and the log", async () => {
    const error = await failureOf({ container: { env: { AT_START: "silent" }, readyTimeoutMs: 5000 } });
    expect(error).toMatchObject({ code: "service-not-ready" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.place).toContain("port 8000");
    expect(error.detail.join("\n")).toContain("loading the model");
    expect(error.remedy).toContain("0.0.0.0");
  });

  test("a ready path that answers 503", async () => {
    const error = await failureOf({ container: { env: { AT_START: "unready" }, readyTimeoutMs: 5000 } });
    expect(error.message).toContain("GET /ready answered 503");
  });

  test("a program made for another processor", async () => {
    const { docker } = await connectEngine();
    const image = "squall-test/other-processor:1";
    const program = { name: "run", mode: 0o755, content: { text: "no program of this processor\n" } };
    await importImage(docker, image, [program], ['ENTRYPOINT ["/run"]']);
    try {
      const error = await failureOf({ container: { source: { type: "image", image } } });
      expect(error).toMatchObject({ code: "service-start-failed", place: image });
      expect(`${error.message} ${error.detail.join(" ")}`).toContain("exec format error");
      expect(error.remedy).toContain("another processor");
    } finally {
      await docker.getImage(image).remove({ force: true });
    }
  });

  test("a command that is not in the image", async () => {
    const error = await failureOf({
      container: { source: { type: "compose", file: "compose.yml", service: "api" } },
      files: {
        "compose.yml":
          "services: { api: { image: 'squall-test/service:1', entrypoint: [/no/such/program], expose: [8000] } }\n",
      },
    });
    expect(error).toMatchObject({ code: "service-start-failed" });
    expect(error.remedy).toBe("Check the image's command.");
  });

  test("a file to copy that is not there", async () => {
    const error = await failureOf({ container: { files: [{ source: "model.bin", target: "/model.bin" }] } });
    expect(error.place).toContain("model.bin");
  });

  test("no engine", async () => {
    const before = process.env["DOCKER_HOST"];
    process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
    try {
      const { unavailable } = await import("../../../../src/adapters/runtimes/docker/engine.ts");
      expect(unavailable(new Error("no"))).toMatchObject({
        code: "engine-unavailable",
        exitCode: 3,
        remedy: expect.stringContaining("DOCKER_HOST") as string,
      });
    } finally {
      if (before === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = before;
    }
  });
});

test.each([
  ["write /var/lib/docker/tmp/x: no space left on device", /disk space/],
  ["exec /run: exec format error", /another processor/],
  ["No such image: answers:1", /name/],
  ['exec: "nod": executable file not found in $PATH', /command/],
  ["something else", /docker run/],
])("the engine's %j has its remedy", (why, remedy) => {
  expect(startRemedy(why)).toMatch(remedy);
});
