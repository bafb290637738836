/** The two services and how a copy of each is made, changed, and run. */
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { applied, type Change } from "./change.ts";
import { CHANGES as NODE_CHANGES } from "./node/changes.ts";
import { CHANGES as PYTHON_CHANGES } from "./python/changes.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

export interface BenchService {
  readonly name: "node" | "python";
  readonly changes: readonly Change[];
  /** Of the repository. */
  readonly source: string;
  /** Folders that a copy links to instead of holding them. */
  readonly linked: readonly string[];
}

export const SERVICES: readonly BenchService[] = [
  { name: "node", changes: NODE_CHANGES, source: "examples/answers", linked: [] },
  { name: "python", changes: PYTHON_CHANGES, source: "examples/answers-python", linked: [".venv"] },
];

/** Directory of a copy of the service with the change in it. @param change null: as it is */
export const copyOf = async (
  { name, source, linked }: BenchService,
  change: Change | null,
  scratch: string,
): Promise<string> => {
  const directory = path.join(scratch, `${name}-${change?.name ?? "base"}`);
  await mkdir(directory, { recursive: true });
  const from = path.join(ROOT, source);
  await cp(from, directory, {
    recursive: true,
    filter: (file) =>
      !linked.some((each) => file.startsWith(path.join(from, each))) && !file.includes("wheels"),
  });
  for (const folder of linked) await symlink(path.join(from, folder), path.join(directory, folder));
  // The packages of this checkout, for what the service imports.
  await symlink(path.join(ROOT, "node_modules"), path.join(directory, "node_modules"));
  await cp(path.join(import.meta.dirname, name, "squall.yml"), path.join(directory, "squall.yml"));
  for (const edit of change?.edits ?? []) {
    const file = path.join(directory, edit.file);
    await writeFile(file, applied(await readFile(file, "utf8"), edit));
  }
  return directory;
};
