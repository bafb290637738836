import { isMachinePath, leavesDirectory } from "../relative-path.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { checkKeys } from "./keys.ts";
import type { ComposeReader, Path } from "./reader.ts";
import type { ComposeBuild } from "./service.ts";
import { isMap, textOf, variablesOf } from "./values.ts";

const BY_HAND = "Build the image by hand, and say image in squall.yml.";

const KEYS = {
  known: [
    "context",
    "dockerfile",
    "target",
    "args",
    "cache_from",
    "cache_to",
    "labels",
    "no_cache",
    "pull",
    "tags",
  ],
  unsupported: Object.fromEntries(
    [
      "additional_contexts",
      "dockerfile_inline",
      "entitlements",
      "extra_hosts",
      "isolation",
      "network",
      "platforms",
      "privileged",
      "provenance",
      "sbom",
      "secrets",
      "shm_size",
      "ssh",
      "ulimits",
    ].map((key) => [key, BY_HAND]),
  ),
};

const unsafe = (reader: ComposeReader, path: Path, message: string, allowed: string): void =>
  reader.problem(path, { code: "unsafe", message, allowed });

/** `build` of a service: a context, or a map. A context may lie beside the compose file's directory, not on the network. */
export const buildOf = (reader: ComposeReader, value: unknown, path: Path): ComposeBuild | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" && !isMap(value)) {
    reader.wrongType(path, "a directory, or a map");
    return undefined;
  }
  const parts: Readonly<Record<string, unknown>> = typeof value === "string" ? { context: value } : value;
  const place = (key: string): Path => (typeof value === "string" ? path : [...path, key]);
  if (typeof value !== "string") checkKeys(reader, parts, path, KEYS);
  const context = textOf(reader, parts["context"], place("context")) ?? ".";
  const dockerfile = textOf(reader, parts["dockerfile"], place("dockerfile")) ?? "Dockerfile";
  if (isMachinePath(context))
    unsafe(reader, place("context"), "An absolute path exists on one machine only", "a relative directory");
  else if (/^[a-z][a-z+.-]*:\/\/|^git@|^github\.com\//i.test(context))
    unsafe(reader, place("context"), "A context on the network is not fetched", "a relative directory");
  if (isMachinePath(dockerfile) || leavesDirectory(dockerfile))
    unsafe(
      reader,
      place("dockerfile"),
      "The Dockerfile lies outside its context",
      "a path inside the context",
    );
  return withoutUndefined({
    context,
    dockerfile,
    target: textOf(reader, parts["target"], place("target")),
    args: variablesOf(reader, parts["args"], place("args")),
  });
};
