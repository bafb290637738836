import { fileURLToPath } from "node:url";

/** Programs of ours that run in a process or thread of their own. */
const SOURCES = {
  sidecar: "../sidecar/main.ts",
  "replay-worker": "../adapters/load/replay-worker.ts",
  keeper: "../adapters/runtimes/process/keeper.ts",
  "docker-keeper": "../adapters/runtimes/docker/keeper.ts",
} as const;

export type EntryName = keyof typeof SOURCES;

/** File of an entry: the TypeScript source when running from source, its bundle beside us when running from dist. */
export const entryFile = (name: EntryName): string =>
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? SOURCES[name] : `./${name}.mjs`, import.meta.url));
