import { CONTAINER_PATH, isMachinePath, leavesDirectory } from "../relative-path.ts";
import type { ComposeReader, Path } from "./reader.ts";
import type { ComposeVolume } from "./service.ts";
import { isMap, isNothing, textOf } from "./values.ts";

/** Options of the short form that change nothing for us. */
const HARMLESS_OPTIONS: ReadonlySet<string> = new Set([
  "rw",
  "z",
  "Z",
  "nocopy",
  "cached",
  "delegated",
  "consistent",
]);
const FORMS = '"name:/dir", "./dir:/dir:ro", "/dir", or the same as a map';

interface Written {
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
  /** Of the long form; the short form tells it by the source's first character. */
  readonly bind: boolean;
}

const wrong = (reader: ComposeReader, path: Path, message: string, allowed = FORMS): null => {
  reader.problem(path, { code: "wrong-value", message, allowed });
  return null;
};

const unsupported = (reader: ComposeReader, path: Path, what: string): null => {
  reader.problem(path, {
    code: "unsupported",
    message: `Squall cannot do ${what}`,
    allowed: FORMS,
    remedy: "Remove it, or give the file with files in squall.yml.",
  });
  return null;
};

/** A bind must find on every machine what it finds on this one. */
const checked = (reader: ComposeReader, path: Path, written: Written): ComposeVolume | null => {
  const { source, target, readOnly, bind } = written;
  if (!CONTAINER_PATH.test(target))
    return wrong(reader, path, "The target must be an absolute path in the container");
  if (source === undefined) return { type: "volume", target, readOnly };
  if (!bind) {
    if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/.test(source))
      return { type: "volume", source, target, readOnly };
    return wrong(reader, path, "This is no name of a volume", 'a name, or a path that begins with "./"');
  }
  if (!isMachinePath(source) && !leavesDirectory(source))
    return { type: "bind", source: /^\.\/|^\.$/.test(source) ? source : `./${source}`, target, readOnly };
  reader.problem(path, {
    code: "unsafe",
    message: isMachinePath(source)
      ? "An absolute path exists on one machine only"
      : "This path leaves the compose file's directory",
    allowed: "a path inside the compose file's directory, or a named volume",
    remedy: "Put it beside the compose file, or give it with files in squall.yml.",
  });
  return null;
};

const short = (reader: ComposeReader, path: Path, text: string): ComposeVolume | null => {
  // A drive's letter has a colon of its own.
  const drive = /^[A-Za-z]:\\/.exec(text)?.[0] ?? "";
  const [first = "", second, options = "", ...rest] = text.slice(drive.length).split(":");
  if (rest.length > 0) return wrong(reader, path, "This is no volume");
  if (second === undefined)
    return checked(reader, path, { source: undefined, target: drive + first, readOnly: false, bind: false });
  const words = options === "" ? [] : options.split(",");
  const odd = words.find((word) => word !== "ro" && !HARMLESS_OPTIONS.has(word));
  if (odd !== undefined) return unsupported(reader, path, `volumes with the option ${odd.slice(0, 40)}`);
  return checked(reader, path, {
    source: drive + first,
    target: second,
    readOnly: words.includes("ro"),
    bind: drive !== "" || /^[./~\\]/.test(first),
  });
};

/** Keys of the long form that change nothing for us, or are read here. */
const LONG_KEYS: Readonly<Record<string, readonly string[] | null>> = {
  type: null,
  source: null,
  target: null,
  read_only: null,
  consistency: null,
  bind: ["create_host_path", "selinux"],
  volume: ["nocopy"],
  tmpfs: [],
};

const long = (
  reader: ComposeReader,
  path: Path,
  entry: Readonly<Record<string, unknown>>,
): ComposeVolume | { readonly tmpfs: string } | null => {
  for (const [key, value] of Object.entries(entry)) {
    const inner = Object.hasOwn(LONG_KEYS, key) ? LONG_KEYS[key] : undefined;
    if (inner === undefined) {
      if (!key.startsWith("x-")) unsupported(reader, [...path, key], `volumes with ${key.slice(0, 40)}`);
    } else if (inner !== null && isMap(value))
      for (const [each, option] of Object.entries(value))
        if (!inner.includes(each) && !isNothing(option))
          unsupported(reader, [...path, key, each], `volumes with ${key}.${each.slice(0, 40)}`);
  }
  const type = textOf(reader, entry["type"], [...path, "type"]) ?? "volume";
  const target = textOf(reader, entry["target"], [...path, "target"]);
  const source = textOf(reader, entry["source"], [...path, "source"]);
  if (target === undefined) return wrong(reader, path, "The volume has no target");
  const readOnly = entry["read_only"] === true || entry["read_only"] === "true";
  if (type === "tmpfs")
    return CONTAINER_PATH.test(target)
      ? { tmpfs: target }
      : wrong(reader, path, "The target must be an absolute path in the container");
  if (type !== "volume" && type !== "bind")
    return unsupported(reader, [...path, "type"], `volumes of type ${type.slice(0, 40)}`);
  if (type === "bind" && source === undefined) return wrong(reader, path, "A bind has a source");
  return checked(reader, source === undefined ? path : [...path, "source"], {
    source,
    target,
    readOnly,
    bind: type === "bind",
  });
};

/** `volumes` of a service, in short and long form; those of type tmpfs apart. */
export const volumesOf = (
  reader: ComposeReader,
  value: unknown,
  path: Path,
): { readonly volumes: ComposeVolume[]; readonly tmpfs: string[] } => {
  const volumes: ComposeVolume[] = [];
  const tmpfs: string[] = [];
  if (value !== undefined && value !== null && !Array.isArray(value))
    reader.wrongType(path, "a list of volumes");
  for (const [index, entry] of (Array.isArray(value) ? (value as unknown[]) : []).entries()) {
    const place = [...path, index];
    const found =
      typeof entry === "string"
        ? short(reader, place, entry)
        : isMap(entry)
          ? long(reader, place, entry)
          : wrong(reader, place, "This is no volume");
    if (found === null) continue;
    if ("tmpfs" in found) tmpfs.push(found.tmpfs);
    else volumes.push(found);
  }
  return { volumes, tmpfs };
};
