import { type PathPart, pathText, quoted } from "../problems.ts";
import type { ParsedDependency } from "../process-schema.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";

const CONTAINER_SOURCES = ["build", "image", "compose"] as const;
/** Keys that only a container has. */
export const CONTAINER_KEYS: readonly string[] = ["cpus", "memory", "cpuset", "files", "volumes"];

type Keys = Pick<
  ParsedDependency,
  "image" | "build" | "compose" | "port" | "cpus" | "memory" | "cpuset" | "files" | "volumes"
>;

/** Where its image comes from: one of these, where all is well. */
export const sourcesOf = (keys: Keys): readonly (typeof CONTAINER_SOURCES)[number][] =>
  CONTAINER_SOURCES.filter((source) => keys[source] !== undefined);

const needsContainer = (keys: Keys, path: readonly PathPart[], report: Report): void => {
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined || !CONTAINER_KEYS.includes(key)) continue;
    report.problem(
      clash(
        [...path, key],
        `${key} is of a container, and this runs in none`,
        "beside image, build or compose",
        `Remove ${key}, or say image, build or compose (runtime docker).`,
      ),
    );
  }
};

const repeats = (
  places: readonly (readonly [readonly PathPart[], string])[],
  what: string,
  report: Report,
): void => {
  const seen = new Set<string>();
  for (const [path, target] of places) {
    const plain = target.replace(/\/+$/, "");
    if (seen.has(plain))
      report.problem(
        at(path, {
          code: "duplicate",
          found: quoted(target),
          message: `${what} stands twice`,
          allowed: "each target once",
        }),
      );
    seen.add(plain);
  }
};

/** Container keys stand beside a container, and its targets differ. Its port may be left to the image's EXPOSE. */
export const containersFit: SuiteCheck = ({ service, dependencies, runtime, flawed }, report) => {
  const look = (keys: Keys | undefined, path: readonly PathPart[]): void => {
    if (keys === undefined) return;
    const [source] = sourcesOf(keys);
    if (source === undefined) {
      if (!flawed.has(pathText(path))) needsContainer(keys, path, report);
      return;
    }
    const files = keys.files ?? [];
    repeats(
      files.map(({ target }, index) => [[...path, "files", index, "target"], target]),
      "This target",
      report,
    );
    repeats(
      (keys.volumes ?? []).map((target, index) => [[...path, "volumes", index], target]),
      "This volume",
      report,
    );
  };
  look(service, ["service"]);
  for (const [name, dependency] of dependencies) {
    const path = ["dependencies", name];
    look(dependency, path);
    const [source] = dependency === undefined ? [] : sourcesOf(dependency);
    if (source === undefined || runtime !== "process") continue;
    report.problem(
      clash(
        [...path, source],
        "Runtime process starts no containers",
        "command, url, stub or cassette",
        "Write runtime: docker, or url for one that runs already.",
      ),
    );
  }
};
