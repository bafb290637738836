import type { ComposeReader, Path } from "./reader.ts";
import { isMap } from "./values.ts";

/** Ports of one range; beyond, a service does not listen on each of them. */
const LARGEST_RANGE = 100;

/** The container's side of `[[address:]published:]target[/protocol]`; ranges give each port. Null: it is none. */
const targetsOf = (text: string): number[] | null => {
  const match = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text.trim());
  if (match === null || text.length > 200) return null;
  if (match[3] !== undefined && match[3].toLowerCase() !== "tcp") return [];
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < 1 || last > 65_535 || last < first || last - first >= LARGEST_RANGE) return null;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

/** TCP ports inside the container that one entry of `ports` or `expose` names, in short or long form; null: it is none. */
export const portsOfEntry = (entry: unknown): number[] | null => {
  if (typeof entry === "string" || typeof entry === "number") return targetsOf(String(entry));
  if (!isMap(entry)) return null;
  const { target, protocol = "tcp" } = entry;
  if (typeof target !== "string" && typeof target !== "number") return null;
  const targets = targetsOf(String(target));
  return protocol === "tcp" ? targets : [];
};

/** Ports of a list, each once. */
export const portsOf = (reader: ComposeReader, value: unknown, path: Path): number[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    reader.wrongType(path, "a list of ports");
    return [];
  }
  const ports = (value as unknown[]).flatMap((entry, index) => {
    const found = portsOfEntry(entry);
    if (found !== null) return found;
    reader.problem([...path, index], {
      code: "wrong-value",
      message: "This names no port of the container",
      allowed: '"8080:80", "80", or { target: 80 }',
    });
    return [];
  });
  return [...new Set(ports)];
};
