import { loadDocument } from "../suite-document.ts";
import { type FoundDependency, safePort, safeWords } from "./findings.ts";
import { POSTGRES, QDRANT, REDIS } from "./packages.ts";

export interface ComposeFacts {
  readonly words?: readonly string[];
  readonly port?: number;
  readonly dependencies: readonly FoundDependency[];
}

const IMAGES: readonly (readonly [RegExp, Omit<FoundDependency, "seenIn">])[] = [
  [/(^|\/)(redis|valkey)/, REDIS],
  [/(^|\/)(postgres|pgvector|timescale)/, POSTGRES],
  [/(^|\/)qdrant/, QDRANT],
];

const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** The container's side of a published port: "8080:80", "127.0.0.1:8080:80/tcp", 80, {target: 80}. */
const containerPort = (entry: unknown): number | null => {
  if (typeof entry === "object") return safePort(asMap(entry)["target"]);
  return safePort(`${entry as string | number}`.split("/")[0]?.split(":").at(-1));
};

/** A compose file: the service that is built is the service; images that are known are its dependencies. */
export const readCompose = (text: string, file: string): ComposeFacts | null => {
  const loaded = loadDocument(text, file);
  if (!loaded.ok) return null;
  const services = Object.values(asMap(asMap(loaded.document.value)["services"])).map(asMap);
  const built = services.find((service) => service["build"] !== undefined);
  const words = built?.["command"] === undefined ? null : safeWords(built["command"]);
  const ports = built?.["ports"];
  const port = Array.isArray(ports) ? containerPort((ports as unknown[])[0]) : null;
  const dependencies = services.flatMap((service): FoundDependency[] => {
    const image = service["image"];
    if (typeof image !== "string") return [];
    const known = IMAGES.find(([pattern]) => pattern.test(image.toLowerCase()));
    return known === undefined ? [] : [{ ...known[1], seenIn: file }];
  });
  return {
    ...(words === null ? {} : { words }),
    ...(port === null ? {} : { port }),
    dependencies,
  };
};
