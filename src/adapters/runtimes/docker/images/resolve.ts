/** From what the suite says of a container to what is started: its image at hand, and what a compose file adds. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type ComposeService, readComposeFile } from "../../../../config/compose/compose.ts";
import { SquallError } from "../../../../core/errors.ts";
import type { ContainerSpec, ImageSource } from "../../../../core/suite.ts";
import { baseEnvironment } from "../../base-environment.ts";
import type { DockerEngine } from "../engine.ts";
import { buildImage } from "./build.ts";
import { ensureImage, type PresentImage } from "./pull.ts";

export interface ResolveOptions {
  readonly engine: DockerEngine;
  readonly suiteDirectory: string;
  /** Logs of builds go here. */
  readonly logDirectory: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** An image at hand, and what a compose file says beside it. */
export interface Resolved {
  readonly image: PresentImage;
  readonly compose: ComposeService | null;
  /** Where relative bind paths of the compose file start. */
  readonly directory: string;
}

const placeOf = (name: string): string => (name === "service" ? "service" : `dependencies.${name}`);

const imageOf = async (
  source: ImageSource,
  name: string,
  directory: string,
  options: ResolveOptions,
): Promise<PresentImage> => {
  const { engine, signal, progress, logDirectory } = options;
  if (source.type === "image") return ensureImage(engine, source.image, `${placeOf(name)}.image`, progress);
  if (source.type === "compose")
    throw new SquallError("internal", "A compose source is read before its image.");
  progress(`building the image of ${name}`);
  const logFile = path.join(logDirectory, `build-${encodeURIComponent(name)}.log`);
  const built = await buildImage({ engine, source, directory, name, logFile, signal });
  return ensureImage(engine, built, `${placeOf(name)}.build`, progress);
};

/**
 * Its ${...} see what our children see, and no more: the gate's own environment holds tokens, and the file is a pull request's.
 *
 * @throws SquallError `suite-invalid` with every problem of the compose file
 */
const readCompose = async (
  suiteDirectory: string,
  file: string,
  services: readonly string[] | undefined,
): Promise<{ readonly services: ReadonlyMap<string, ComposeService>; readonly directory: string }> => {
  const whole = path.resolve(suiteDirectory, file);
  let text: string;
  try {
    text = await readFile(whole, "utf8");
  } catch (cause) {
    throw new SquallError("suite-invalid", `The compose file cannot be read: ${(cause as Error).message}.`, {
      place: whole,
      remedy: "`compose.file` is relative to the suite file.",
      cause,
    });
  }
  return {
    services: readComposeFile(text, {
      file: whole,
      environment: baseEnvironment(process.env),
      ...(services === undefined ? {} : { services }),
    }),
    directory: path.dirname(whole),
  };
};

const composeSource = (service: ComposeService, name: string): ImageSource => {
  if (service.build !== undefined) {
    const { context, dockerfile, target, args } = service.build;
    return {
      type: "build",
      context,
      dockerfile,
      args,
      cache: true,
      ...(target === undefined ? {} : { target }),
    };
  }
  if (service.image !== undefined) return { type: "image", image: service.image };
  throw new SquallError("suite-invalid", `Service ${name} of the compose file has neither image nor build.`, {
    place: name,
    remedy: "Give it one of them.",
  });
};

/** The image of one container, built or pulled where needed. */
export const resolveSource = async (
  source: ImageSource,
  name: string,
  options: ResolveOptions,
): Promise<Resolved> => {
  const { suiteDirectory } = options;
  if (source.type !== "compose") {
    const image = await imageOf(source, name, suiteDirectory, options);
    return { image, compose: null, directory: suiteDirectory };
  }
  const { services, directory } = await readCompose(suiteDirectory, source.file, [source.service]);
  const compose = services.get(source.service);
  if (compose === undefined) {
    throw new SquallError("suite-invalid", `${source.file} has no service ${source.service}.`, {
      place: `${placeOf(name)}.compose.service`,
      remedy: `Its services: ${[...services.keys()].join(", ")}.`,
    });
  }
  const image = await imageOf(composeSource(compose, source.service), name, directory, options);
  return { image, compose, directory };
};

/** The port it listens on: the suite's, else the only one that the compose file or the image names. */
export const portOf = (
  spec: Pick<ContainerSpec, "port">,
  { compose, image }: Resolved,
  name: string,
): number => {
  if (spec.port !== 0) return spec.port;
  const composed = compose?.ports ?? [];
  const named = composed.length > 0 ? composed : image.exposedPorts;
  const [only] = named;
  if (named.length === 1 && only !== undefined) return only;
  throw new SquallError("suite-invalid", `The port of ${name} is not known.`, {
    place: `${placeOf(name)}.port`,
    detail:
      named.length > 1
        ? [`${composed.length > 0 ? "the compose file" : "its image"} names ${named.join(", ")}`]
        : [],
    remedy: "Write the port on which it listens inside its container.",
  });
};
