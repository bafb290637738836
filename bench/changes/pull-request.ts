/** A plausible pull request to a service under `<service>/base`, as edits of its files: one file each under `<service>/changes`. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { FindingKind } from "../../src/core/verdict.ts";
import type { Edit } from "./change.ts";

export interface Expected {
  /** Experiments under which it shows; of a harmless one empty. */
  readonly scenarios: readonly string[];
  /** Null: none, it is the service's own process that it shows at. */
  readonly edge: "llm" | "vector" | null;
  readonly kinds?: readonly FindingKind[];
}

export interface PullRequest {
  readonly name: string;
  /** As its author would title it. */
  readonly describe: string;
  readonly careless: boolean;
  readonly expected: Expected;
  readonly edits: readonly Edit[];
}

export const NOWHERE: Expected = { scenarios: [], edge: null };

/** All of a service's, the careless ones first, by name. */
export const readPullRequests = async (directory: string): Promise<readonly PullRequest[]> => {
  const files = (await readdir(directory)).filter((file) => file.endsWith(".ts"));
  const modules = await Promise.all(
    files.map(
      async (file) =>
        (await import(pathToFileURL(path.join(directory, file)).href)) as { readonly change: PullRequest },
    ),
  );
  return modules
    .map(({ change }) => change)
    .toSorted((a, b) => Number(b.careless) - Number(a.careless) || a.name.localeCompare(b.name));
};
