/**
 * Builds by the docker command line, not by the engine's API: BuildKit (cache mounts, secrets, parallel stages) needs a
 * client session that only the command line speaks, .dockerignore is read exactly as the user's own builds read it, and
 * the build's last lines are there when it fails.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { SquallError } from "../../../../core/errors.ts";
import type { ImageSource } from "../../../../core/suite.ts";
import { baseEnvironment } from "../../base-environment.ts";
import type { DockerEngine } from "../engine.ts";
import { LABEL_IMAGE } from "../labels.ts";

export type BuildSource = Extract<ImageSource, { readonly type: "build" }>;

export interface BuildOptions {
  readonly engine: DockerEngine;
  readonly source: BuildSource;
  /** Paths of the source start here. */
  readonly directory: string;
  /** `service`, or a dependency's name. */
  readonly name: string;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

const LAST_LINES = 25;

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

const runDocker = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  logFile: string | null,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn("docker", args, { env, stdio: ["ignore", "pipe", "pipe"], signal });
    const log = logFile === null ? null : createWriteStream(logFile, { flags: "a" });
    log?.on("error", () => undefined);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log?.write(`${new Date().toISOString()} ${line}\n`);
        if (line.trim() === "") return;
        lines.push(line);
        if (lines.length > LAST_LINES) lines.shift();
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      log?.end();
      resolve({ code, lines });
    });
  });

/** One image name for one build: the next run finds its layers, and no run leaves an image more. */
const imageName = ({ source, directory, name }: BuildOptions): string => {
  const id = createHash("sha256")
    .update(
      JSON.stringify([
        path.resolve(directory, source.context),
        source.dockerfile,
        source.target,
        source.args,
      ]),
    )
    .digest("hex")
    .slice(0, 12);
  return `squall-build/${
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "image"
  }:${id}`;
};

const requireFiles = (context: string, dockerfile: string, place: string): void => {
  if (!existsSync(context)) {
    throw new SquallError("build-failed", `The build's directory ${context} does not exist.`, {
      place: `${place}.build`,
      remedy: "Write it relative to the suite file.",
    });
  }
  if (!existsSync(dockerfile)) {
    throw new SquallError("build-failed", `There is no Dockerfile at ${dockerfile}.`, {
      place: `${place}.build`,
      remedy: "Write one, or name it with build: {context: ..., dockerfile: ...}.",
    });
  }
};

const buildRemedy = (lines: readonly string[]): string => {
  const text = lines.join("\n");
  if (/no space left/i.test(text))
    return "Free disk space of the engine: `docker system df`, `docker builder prune`.";
  if (
    /pull access denied|failed to resolve source metadata|manifest unknown|i\/o timeout|no such host/i.test(
      text,
    )
  )
    return "Its base image cannot be had here: check the name, log in to the registry, or set another base with build.args.";
  if (/exec format error/i.test(text)) return "A step runs a program made for another processor.";
  return "Run the same `docker build` by hand and mend what it says.";
};

/** @throws SquallError `build-failed` with the build's last lines; `interrupted` */
export const buildImage = async (options: BuildOptions): Promise<string> => {
  const { engine, source, directory, name, signal, logFile } = options;
  const place = name === "service" ? "service" : `dependencies.${name}`;
  const context = path.resolve(directory, source.context);
  const dockerfile = path.resolve(context, source.dockerfile);
  requireFiles(context, dockerfile, place);
  const image = imageName(options);
  const base: Record<string, string> = { ...baseEnvironment(process.env), DOCKER_HOST: engine.dockerHost };
  for (const key of ["DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"]) {
    const value = process.env[key];
    if (value !== undefined) base[key] = value;
  }
  const argsOf = (classic: boolean): string[] => [
    "build",
    // The classic builder keeps the container of a failed step otherwise.
    ...(classic ? ["--force-rm"] : []),
    "--file",
    dockerfile,
    "--tag",
    image,
    "--label",
    `${LABEL_IMAGE}=build`,
    ...(source.target === undefined ? [] : ["--target", source.target]),
    ...Object.entries(source.args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
    ...(source.cache ? [] : ["--no-cache"]),
    context,
  ];
  let ended: Ended;
  try {
    const buildx = await runDocker(["buildx", "version"], base, signal, null);
    // Without the buildx plug-in the command line asks for BuildKit in vain; the classic builder is in every engine.
    const classic = buildx.code !== 0;
    const env = classic ? { ...base, DOCKER_BUILDKIT: "0" } : base;
    ended = await runDocker(argsOf(classic), env, signal, logFile);
  } catch (cause) {
    if (signal.aborted)
      throw new SquallError("interrupted", "The run was interrupted while it built an image.");
    throw new SquallError(
      "build-failed",
      `The docker command line could not be run: ${(cause as Error).message}.`,
      {
        place: `${place}.build`,
        remedy:
          "Install the docker command line (package docker-cli or docker.io), or give an image instead of build.",
        cause,
      },
    );
  }
  if (ended.code === 0) return image;
  throw new SquallError(
    "build-failed",
    `The image of ${name} could not be built (exit code ${ended.code ?? "unknown"}).`,
    {
      place: dockerfile,
      detail: ["its last lines:", ...ended.lines.map((line) => `| ${line}`)],
      remedy: buildRemedy(ended.lines),
    },
  );
};
