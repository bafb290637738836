/**
 * Existing compose files, as far as runtime docker runs their services.
 *
 *   text --suite-document--> values with places --reader--> variables filled in --> ComposeService, or every problem
 */
import { SquallError } from "../../core/errors.ts";
import { formatProblems, inOrder, type Problem, withoutSecrets } from "../problems.ts";
import { CONTAINER_PATH } from "../relative-path.ts";
import { LEAST_MEMORY_BYTES } from "../suite-defaults.ts";
import { loadDocument } from "../suite-document.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { buildOf } from "./build.ts";
import type { Variables } from "./interpolate.ts";
import { cannotDo, checkKeys, checkServiceKeys } from "./keys.ts";
import { portsOf } from "./ports.ts";
import { ComposeReader, type Path } from "./reader.ts";
import type { ComposeService } from "./service.ts";
import {
  bytesOf,
  commandOf,
  coresOf,
  isMap,
  isNothing,
  namesOf,
  textOf,
  textsOf,
  variablesOf,
} from "./values.ts";
import { volumesOf } from "./volumes.ts";

export type { ComposeBuild, ComposeService, ComposeVolume } from "./service.ts";

export interface ComposeOptions {
  /** How the file is named in problems. */
  readonly file: string;
  /** What `${NAME}` and names without a value are taken from. */
  readonly environment: Variables;
  /** Only these are read: what squall cannot do in the others is none of its business. Absent: all. */
  readonly services?: readonly string[];
}

const TOP_KEYS = {
  known: ["version", "name", "services", "networks", "volumes", "secrets", "configs"],
  unsupported: {
    include: "Write the services out in one file: `docker compose config` prints them so.",
    models: "Name the model under dependencies in squall.yml.",
  },
};

const failure = (problems: readonly Problem[], text: string, file: string): SquallError => {
  const count = problems.length;
  const [first] = problems;
  return new SquallError("suite-invalid", `${file} has ${count} problem${count === 1 ? "" : "s"}.`, {
    place: `${file}:${first?.line ?? 1}:${first?.column ?? 1}`,
    detail: formatProblems(inOrder(problems), text).split("\n"),
    remedy: "Mend them, or say image or build in squall.yml instead of compose.",
  });
};

/** `deploy.resources.limits`; the rest of deploy is for a cluster, but a demand for devices cannot be passed over. */
const limitsOf = (
  reader: ComposeReader,
  deploy: unknown,
  path: Path,
): { readonly limits: Readonly<Record<string, unknown>>; readonly path: Path } => {
  const place = [...path, "resources", "limits"];
  const resources = isMap(deploy) ? deploy["resources"] : undefined;
  if (!isMap(resources)) return { limits: {}, path: place };
  const { limits, reservations } = resources;
  if (isMap(reservations) && !isNothing(reservations["devices"]))
    cannotDo(reader, [...path, "resources", "reservations", "devices"]);
  if (!isMap(limits)) return { limits: {}, path: place };
  if (!isNothing(limits["pids"])) cannotDo(reader, [...place, "pids"]);
  return { limits, path: place };
};

const directories = (reader: ComposeReader, value: unknown, path: Path): string[] =>
  textsOf(reader, value, path).filter((each, index) => {
    if (CONTAINER_PATH.test(each)) return true;
    reader.problem(Array.isArray(value) ? [...path, index] : path, {
      code: "unsupported",
      message: "This is no directory that squall can keep in memory",
      allowed: "an absolute directory, without options",
    });
    return false;
  });

const serviceOf = (reader: ComposeReader, written: unknown, path: Path): ComposeService | undefined => {
  const service = reader.filled(written, path);
  if (!isMap(service)) {
    reader.wrongType(path, "a map");
    return undefined;
  }
  checkServiceKeys(reader, service, path);
  const at = (key: string): Path => [...path, key];
  const text = (key: string): string | undefined => textOf(reader, service[key], at(key));
  const { limits, path: limitsPath } = limitsOf(reader, service["deploy"], at("deploy"));
  const { volumes, tmpfs } = volumesOf(reader, service["volumes"], at("volumes"));
  const build = buildOf(reader, service["build"], at("build"));
  const image = text("image");
  if (build === undefined && (image === undefined || image === ""))
    reader.problem(path, {
      at: "key",
      code: "missing-key",
      message: "The service has neither image nor build",
      allowed: "image, or build",
    });
  const workingDir = text("working_dir");
  if (workingDir !== undefined && !workingDir.startsWith("/"))
    reader.problem(at("working_dir"), {
      code: "wrong-value",
      message: "The working directory must be an absolute path",
      allowed: "an absolute path in the container",
    });
  return withoutUndefined({
    image: image === "" ? undefined : image,
    build,
    command: commandOf(reader, service["command"], at("command")),
    entrypoint: commandOf(reader, service["entrypoint"], at("entrypoint")),
    environment: variablesOf(reader, service["environment"], at("environment")),
    ports: [
      ...new Set([
        ...portsOf(reader, service["ports"], at("ports")),
        ...portsOf(reader, service["expose"], at("expose")),
      ]),
    ],
    volumes,
    dependsOn: namesOf(reader, service["depends_on"], at("depends_on")),
    workingDir,
    user: text("user"),
    cpus:
      coresOf(reader, service["cpus"], at("cpus")) ??
      coresOf(reader, limits["cpus"], [...limitsPath, "cpus"]),
    memoryBytes:
      bytesOf(reader, service["mem_limit"], at("mem_limit"), LEAST_MEMORY_BYTES) ??
      bytesOf(reader, limits["memory"], [...limitsPath, "memory"], LEAST_MEMORY_BYTES),
    shmBytes: bytesOf(reader, service["shm_size"], at("shm_size"), 1),
    tmpfs: [...tmpfs, ...directories(reader, service["tmpfs"], at("tmpfs"))],
  });
};

/** A run's volumes are its own and begin empty: one that exists already, or lies elsewhere, would not be what it is. */
const checkVolumes = (reader: ComposeReader, defined: unknown, services: Iterable<ComposeService>): void => {
  if (!isMap(defined)) return;
  const used = new Set([...services].flatMap(({ volumes }) => volumes.map(({ source }) => source ?? "")));
  for (const [name, volume] of Object.entries(defined)) {
    if (!used.has(name) || !isMap(volume)) continue;
    for (const key of ["external", "driver_opts", "driver"])
      if (!isNothing(volume[key]) && volume[key] !== "local")
        reader.problem(["volumes", name, key], {
          at: "key",
          code: "unsupported",
          message: `${key}: a run has volumes of its own, empty at its start`,
          allowed: "a volume without it",
          remedy: "Remove it, or give the files it should hold with files in squall.yml.",
        });
  }
};

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) frozen(each);
  }
  return value;
};

/**
 * The services of a compose file, by name, in the file's order. Executes nothing, reads no other file; takes anything.
 *
 * @throws SquallError `suite-invalid` with file:line:column and remedy of every problem: what is no compose file, and
 *   whatever would change how a container behaves and that squall cannot do
 */
export const readComposeFile = (
  text: string,
  options: ComposeOptions,
): ReadonlyMap<string, ComposeService> => {
  const { file, environment, services: wanted } = options;
  const loaded = loadDocument(text, file, { what: "a compose file", remedy: "Write its services." });
  if (!loaded.ok) throw failure(loaded.problems, text, file);
  const { value, locate } = loaded.document;
  const reader = new ComposeReader(value, environment);
  const found = new Map<string, ComposeService>();
  const services = isMap(value) ? value["services"] : undefined;
  if (!isMap(value)) reader.wrongType([], "a map");
  else checkKeys(reader, value, [], TOP_KEYS);
  if (isMap(value) && !isMap(services))
    reader.problem(["services"], {
      code: "missing-key",
      message: "The file has no services",
      allowed: "a map of services",
    });
  for (const [name, each] of Object.entries(isMap(services) ? services : {})) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    const service = serviceOf(reader, each, ["services", name]);
    if (service !== undefined) found.set(name, frozen(service));
  }
  checkVolumes(reader, isMap(value) ? value["volumes"] : undefined, found.values());
  if (reader.problems.length > 0) {
    const secretLines = new Set(
      reader.secrets.map(
        (path) => locate({ path, at: "value", code: "unsafe", found: "", message: "", allowed: "" }).line,
      ),
    );
    throw failure(withoutSecrets(reader.problems.map(locate), secretLines), text, file);
  }
  return found;
};
