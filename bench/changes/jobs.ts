/** The two training jobs, and how a copy of each is made and changed. */
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { applied } from "./change.ts";
import type { JobChange } from "./job-change.ts";
import { CHANGES as JS_CHANGES } from "./train-js/changes.ts";
import { CHANGES as PYTHON_CHANGES } from "./train-python/changes.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

export interface BenchJob {
  readonly name: "js" | "python";
  readonly changes: readonly JobChange[];
  /** Of the repository. */
  readonly source: string;
  /** Folders that a copy links to instead of holding them. */
  readonly linked: readonly string[];
  /** Base of the image on a machine without a registry: one that scripts/engine/build-test-images.ts makes. */
  readonly base: string;
}

export const JOBS: readonly BenchJob[] = [
  {
    name: "js",
    changes: JS_CHANGES,
    source: "examples/train-js",
    linked: [],
    base: "squall-test/service:1",
  },
  {
    name: "python",
    changes: PYTHON_CHANGES,
    source: "examples/train-python",
    linked: [".venv"],
    base: "squall-test/debian:1",
  },
];

/** Directory of a copy of the job with the change in it. @param change null: as it is */
export const copyOfJob = async (
  { name, source, linked }: BenchJob,
  change: JobChange | null,
  scratch: string,
): Promise<string> => {
  const directory = path.join(scratch, `train-${name}-${change?.name ?? "base"}`);
  await mkdir(directory, { recursive: true });
  const from = path.join(ROOT, source);
  await cp(from, directory, {
    recursive: true,
    filter: (file) => ![...linked, ".squall"].some((each) => file.startsWith(path.join(from, each))),
  });
  for (const folder of linked) await symlink(path.join(from, folder), path.join(directory, folder));
  for (const edit of change?.edits ?? []) {
    const file = path.join(directory, edit.file);
    await writeFile(file, applied(await readFile(file, "utf8"), edit));
  }
  return directory;
};
