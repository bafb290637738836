import { SquallError } from "../../core/errors.ts";
import { type ComposeService, readComposeFile } from "../compose/compose.ts";
import { interpolate } from "../compose/interpolate.ts";
import { portsOfEntry } from "../compose/ports.ts";
import { loadDocument } from "../suite-document.ts";
import { healthPath } from "./dockerfile.ts";
import { type FoundCompose, type FoundDependency, safeWords } from "./findings.ts";
import { isDependencyName } from "./names.ts";
import { POSTGRES, QDRANT, REDIS } from "./packages.ts";

export interface ComposeFacts {
  readonly words?: readonly string[];
  readonly port?: number;
  readonly dependencies: readonly FoundDependency[];
  /** What the service that is built is given, with defaults in the place of variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path that its health check asks for. */
  readonly ready?: string;
  /** The service under test and what it calls, where runtime docker can run them as they are. */
  readonly run?: FoundCompose;
  /** Why there is no `run`, though the file has both. */
  readonly note?: string;
}

const IMAGES: readonly (readonly [RegExp, Omit<FoundDependency, "seenIn">])[] = [
  [/(^|\/)(redis|valkey)/, REDIS],
  [/(^|\/)(postgres|pgvector|timescale)/, POSTGRES],
  [/(^|\/)qdrant/, QDRANT],
];

type Written = Readonly<Record<string, unknown>>;

const asMap = (value: unknown): Written =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Written) : {};

const knownImage = ({ image }: Written): Omit<FoundDependency, "seenIn"> | undefined =>
  typeof image === "string" ? IMAGES.find(([pattern]) => pattern.test(image.toLowerCase()))?.[1] : undefined;

const dependsOn = (service: Written): readonly string[] => {
  const written = service["depends_on"];
  return Array.isArray(written) ? (written as unknown[]).map(String) : Object.keys(asMap(written));
};

/** One that is told by its image has a known protocol and port; of the rest its only port must do. */
const dependencyOf = (
  name: string,
  written: Written,
  { ports }: ComposeService,
): FoundCompose["dependencies"][number] | null => {
  const offer = knownImage(written)?.offer;
  const known = offer === undefined || offer.type === "stub" ? undefined : offer;
  const port = ports.length === 1 ? undefined : known?.port;
  if (ports.length !== 1 && port === undefined) return null;
  return { name, protocol: known?.type ?? "tcp", ...(port === undefined ? {} : { port }) };
};

/** The service under test: the one that is built, else one of an unknown image that waits for others. */
const runOf = (
  services: ReadonlyMap<string, Written>,
  text: string,
  file: string,
): Pick<ComposeFacts, "run" | "note"> => {
  const entries = [...services];
  const [name, service] =
    entries.find(([, each]) => each["build"] !== undefined) ??
    entries.find(([, each]) => knownImage(each) === undefined && dependsOn(each).length > 0) ??
    [];
  if (name === undefined || service === undefined || !/^[A-Za-z0-9._/-]+$/.test(file)) return {};
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(name)) return {};
  const wanted = entries.filter(
    ([each, written]) =>
      each !== name &&
      isDependencyName(each) &&
      (knownImage(written) !== undefined || dependsOn(service).includes(each)),
  );
  if (wanted.length === 0) return {};
  try {
    const names = [name, ...wanted.map(([each]) => each)];
    const read = readComposeFile(text, { file, environment: {}, services: names });
    const dependencies = wanted.flatMap(([each, written]) => {
      const found = read.get(each);
      return found === undefined ? [] : (dependencyOf(each, written, found) ?? []);
    });
    const ports = read.get(name)?.ports ?? [];
    const replaced = wanted.flatMap(([, written]) => knownImage(written)?.name ?? []);
    return { run: { file, service: name, ports, dependencies, replaced } };
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    const first = error.detail.slice(0, 2).map((line) => line.trim());
    return {
      note: `${file} is not proposed as the service, because squall cannot run it: ${first.join(": ")}.`,
    };
  }
};

/** A list or a map, as far as its values are plain. */
const environmentOf = (written: unknown): Readonly<Record<string, string>> => {
  const entries = Array.isArray(written)
    ? (written as unknown[]).map((each) => /^([^=]{1,200})=?([\s\S]*)$/.exec(String(each))?.slice(1) ?? [])
    : Object.entries(asMap(written));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      if (typeof name !== "string" || !/^(?:string|number|boolean)$/.test(typeof value)) return [];
      const filled = interpolate(String(value), {});
      return filled.ok ? [[name, filled.value]] : [];
    }),
  );
};

/**
 * A compose file: the service that is built is the service; images that are known are its dependencies.
 *
 * @param file its path, for the suite
 */
export const readCompose = (text: string, file: string): ComposeFacts | null => {
  const loaded = loadDocument(text, file);
  if (!loaded.ok) return null;
  const services = new Map(
    Object.entries(asMap(asMap(loaded.document.value)["services"])).map(([name, each]) => [
      name,
      asMap(each),
    ]),
  );
  const built = [...services.values()].find((service) => service["build"] !== undefined);
  const words = built?.["command"] === undefined ? null : safeWords(built["command"]);
  const ready = healthPath(JSON.stringify(asMap(built?.["healthcheck"])["test"] ?? null));
  const ports = built?.["ports"];
  const port = Array.isArray(ports) ? portsOfEntry((ports as unknown[])[0])?.[0] : undefined;
  const dependencies = [...services.values()].flatMap((service): FoundDependency[] => {
    const known = knownImage(service);
    return known === undefined ? [] : [{ ...known, seenIn: "the compose file" }];
  });
  return {
    ...(words === null ? {} : { words }),
    ...(port === undefined ? {} : { port }),
    ...(ready === null ? {} : { ready }),
    dependencies,
    environment: environmentOf(built?.["environment"]),
    ...runOf(services, text, file),
  };
};
