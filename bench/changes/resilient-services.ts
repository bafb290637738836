/** The two resilient services, and how a copy of one is made and changed. */
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { applied } from "./change.ts";
import { type PullRequest, readPullRequests } from "./pull-request.ts";

export const SERVICE_NAMES = ["node", "python"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ResilientService {
  readonly name: ServiceName;
  /** The service as it is, with its suite. */
  readonly base: string;
  readonly changes: readonly PullRequest[];
}

export const readService = async (name: ServiceName): Promise<ResilientService> => {
  const folder = path.join(import.meta.dirname, name);
  return {
    name,
    base: path.join(folder, "base"),
    changes: await readPullRequests(path.join(folder, "changes")),
  };
};

/** A copy of the service at `directory`, with the change in it. @param change null: as it is */
export const copyService = async (
  { base }: ResilientService,
  change: PullRequest | null,
  directory: string,
): Promise<void> => {
  await cp(base, directory, { recursive: true, filter: (file) => !file.includes("__pycache__") });
  for (const edit of change?.edits ?? []) {
    const file = path.join(directory, edit.file);
    await writeFile(file, applied(await readFile(file, "utf8"), edit));
  }
};
