/** Creates and starts a planned container, through testcontainers. */
import { stat } from "node:fs/promises";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import { applyPlan, type ContainerPlan } from "./container-plan.ts";
import { tarOf } from "./tar.ts";

const readable = async <T extends { readonly source: string }>(
  plan: ContainerPlan,
  file: T,
): Promise<T & { directory: boolean }> => {
  try {
    return { ...file, directory: (await stat(file.source)).isDirectory() };
  } catch (cause) {
    throw new SquallError(plan.startErrorCode, `A file of ${plan.name} cannot be read.`, {
      place: file.source,
      remedy: "Check `files`: sources are relative to the suite file.",
      cause,
    });
  }
};

/** Readiness is asked through the sidecar, by a real request: the start itself waits for nothing. */
const noWait = async () => {
  const { Wait } = await import("testcontainers");
  const strategy = Wait.forListeningPorts();
  strategy.waitUntilReady = () => Promise.resolve();
  return strategy;
};

/** A volume's root belongs to root alone: an archive with the directories in it changes that without any process. */
const openToAll = async (container: Dockerode.Container, directories: readonly string[]): Promise<void> => {
  if (directories.length === 0) return;
  const entries = directories.map((directory) => ({
    name: directory.replace(/^\/+/, ""),
    mode: 0o1777,
    content: "directory" as const,
  }));
  await container.putArchive(tarOf(entries), { path: "/" });
};

export interface StartSteps {
  /** It exists: from now on the caller removes it. */
  readonly created: (container: Dockerode.Container) => Promise<void>;
  /** It is as planned, and runs nothing yet. */
  readonly beforeStart: (container: Dockerode.Container) => Promise<void>;
}

/**
 * Resolves when the engine has started it.
 *
 * @throws SquallError for a file that cannot be read, else the engine's error or a step's
 */
export const startPlanned = async (
  docker: Dockerode,
  plan: ContainerPlan,
  { created, beforeStart }: StartSteps,
): Promise<void> => {
  const { GenericContainer } = await import("testcontainers");
  const files = await Promise.all(plan.files.map((file) => readable(plan, file)));
  const afterCreation = async (id: string): Promise<void> => {
    const container = docker.getContainer(id);
    await created(container);
    // Engines before API 1.44 take one network at creation.
    for (const { name, aliases } of plan.networks.slice(1)) {
      await docker.getNetwork(name).connect({ Container: id, EndpointConfig: { Aliases: [...aliases] } });
    }
    await openToAll(container, plan.openDirectories ?? []);
    await beforeStart(container);
  };
  class Planned extends GenericContainer {
    protected override async beforeContainerCreated(): Promise<void> {
      applyPlan(plan, this.createOpts, this.hostConfig);
    }
    protected override async containerCreated(id: string): Promise<void> {
      await afterCreation(id);
    }
  }
  await new Planned(plan.image)
    .withAutoCleanup(false)
    .withLabels({ ...plan.labels })
    .withEnvironment({ ...plan.env })
    .withCopyFilesToContainer(files.filter(({ directory }) => !directory))
    .withCopyDirectoriesToContainer(files.filter(({ directory }) => directory))
    .withWaitStrategy(await noWait())
    .start();
};
