/** Whole systems on the real engine, and a client that looks at them from outside. */
import { mkdtempSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { dockerRuntime } from "../../../../../src/adapters/runtimes/docker/docker-runtime.ts";
import {
  LABEL_OWNER,
  LABEL_ROLE,
  ownerOf,
  type Role,
} from "../../../../../src/adapters/runtimes/docker/labels.ts";
import { listLabelled } from "../../../../../src/adapters/runtimes/docker/sweep.ts";
import type { DependencySpec, ImageSource, Suite } from "../../../../../src/core/suite.ts";
import type { JobWatcher } from "../../../../../src/run/job/job-ports.ts";
import type { EdgeFront, RunningSystem } from "../../../../../src/run/ports.ts";
import { testEngine } from "../../../../support/docker/engine.ts";
import { SERVICE_IMAGE, serviceContainer } from "../../../../support/services/container-suite.ts";

/** Builds notes-service.mjs of the suite's directory. */
export const NOTES: ImageSource = {
  type: "build",
  context: "notes",
  dockerfile: "Dockerfile",
  args: {},
  cache: true,
};

const layNotes = async (suiteDirectory: string): Promise<void> => {
  const context = path.join(suiteDirectory, "notes");
  await mkdir(context, { recursive: true });
  await cp(path.join(import.meta.dirname, "notes-service.mjs"), path.join(context, "notes-service.mjs"));
  const lines = [`FROM ${SERVICE_IMAGE}`, "COPY notes-service.mjs /", 'CMD ["/notes-service.mjs"]', ""];
  await writeFile(path.join(context, "Dockerfile"), lines.join("\n"));
};

export interface DockerSystemOptions {
  readonly suite: Suite;
  /** Texts by path in the suite's directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly front?: EdgeFront | null;
  readonly watch?: JobWatcher;
}

/** Started and ready; disposing also removes its directory. */
export const dockerSystem = async ({
  suite,
  files = {},
  front = null,
  watch,
}: DockerSystemOptions): Promise<RunningSystem> => {
  const directory = mkdtempSync(path.join(tmpdir(), "squall-docker-"));
  await layNotes(directory);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  const system = await (await dockerRuntime()).start({
    suite,
    suiteDirectory: directory,
    runDirectory: path.join(directory, "run"),
    seed: 7,
    front,
    signal: new AbortController().signal,
    progress: () => undefined,
    ...(watch === undefined ? {} : { watch }),
  });
  return {
    ...system,
    [Symbol.asyncDispose]: async () => {
      await system[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** The tests' tiny service as a dependency. It says which one it is (`NAME`) when it is asked. */
export const servant = (
  name: string,
  overrides: Parameters<typeof serviceContainer>[0] = {},
): DependencySpec => ({
  name,
  protocol: "http",
  source: {
    type: "container",
    container: serviceContainer({ ...overrides, env: { NAME: name, ...overrides.env } }),
  },
});

export interface Seen {
  /** 0: no answer. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** One request on a connection of its own. */
export const look = async (url: string, limitMs = 20_000): Promise<Seen> => {
  const startMs = performance.now();
  try {
    const response = await fetch(url, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(limitMs),
    });
    const body = await response.text();
    return { status: response.status, body, ms: performance.now() - startMs };
  } catch (error) {
    const { cause = error } = error as { cause?: unknown };
    return { status: 0, body: String(cause), ms: performance.now() - startMs };
  }
};

/** Containers that this process started and that are there now, by role. */
export const ownContainers = async (role: Role) => {
  const { docker } = await testEngine();
  const { containers } = await listLabelled(docker);
  const own = containers.filter(
    ({ Labels }) => Labels[LABEL_OWNER] === ownerOf(process.pid) && Labels[LABEL_ROLE] === role,
  );
  return Promise.all(own.map(async ({ Id }) => docker.getContainer(Id).inspect()));
};
