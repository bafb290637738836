import { SquallError } from "../../../../core/errors.ts";
import type { DockerEngine } from "../engine.ts";

/** What is asked of an image that is there. */
export interface PresentImage {
  readonly name: string;
  /** As Node names it; the engine can only run its own, unless it emulates. */
  readonly arch: string;
  /** TCP ports that the image says it listens on. */
  readonly exposedPorts: readonly number[];
}

const NODE_ARCH: Readonly<Record<string, string>> = { amd64: "x64", "386": "ia32" };

export const inspectImage = async ({ docker }: DockerEngine, name: string): Promise<PresentImage | null> => {
  try {
    const { Architecture, Config } = await docker.getImage(name).inspect();
    return {
      name,
      arch: NODE_ARCH[Architecture] ?? Architecture,
      exposedPorts: Object.keys(Config?.ExposedPorts ?? {})
        .filter((port) => port.endsWith("/tcp"))
        .map((port) => Number.parseInt(port, 10)),
    };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
    throw error;
  }
};

const pullFailed = (name: string, place: string, why: string, cause: unknown): SquallError => {
  const denied = /denied|unauthorized|authentication/i.test(why);
  const full = /no space left/i.test(why);
  return new SquallError("image-unavailable", `Image ${name} is not here and cannot be pulled: ${why}`, {
    place,
    remedy: full
      ? "Free disk space of the engine: `docker system df`, `docker system prune`."
      : denied
        ? "Log in to its registry with `docker login`, or check the name."
        : "Check its name and tag, that the registry can be reached, or build it under this name beforehand.",
    cause,
  });
};

/**
 * The image, pulled where it is not present. Credentials are the docker command line's, as testcontainers reads them.
 *
 * @throws SquallError `image-unavailable`
 */
export const ensureImage = async (
  engine: DockerEngine,
  name: string,
  place: string,
  progress: (line: string) => void,
): Promise<PresentImage> => {
  const present = await inspectImage(engine, name);
  if (present !== null) return present;
  progress(`pulling ${name}`);
  const { getContainerRuntimeClient, ImageName } = await import("testcontainers");
  try {
    const client = await getContainerRuntimeClient();
    await client.image.pull(ImageName.fromString(name));
  } catch (cause) {
    throw pullFailed(name, place, (cause as Error).message, cause);
  }
  const pulled = await inspectImage(engine, name);
  // The engine tells of some failures inside the pull's own answer, which then simply ends.
  if (pulled === null) throw pullFailed(name, place, "the registry gave no such image.", undefined);
  return pulled;
};
