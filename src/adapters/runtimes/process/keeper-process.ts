import { spawn } from "node:child_process";
import { entryFile } from "../../../run/entries.ts";

/** Squall's end of the keeper's pipe. */
export interface Keeper extends AsyncDisposable {
  keep(group: number): void;
  limit(group: number, cpus: number): void;
  unlimit(group: number): void;
}

/** Starts the keeper before anything it must keep. Disposing closes the pipe: it sweeps what is left, and leaves. */
export const startKeeper = async (marker: string, env: Readonly<Record<string, string>>): Promise<Keeper> => {
  const child = spawn(process.execPath, [entryFile("keeper"), marker], {
    env,
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const { stdin } = child;
  stdin.on("error", () => undefined);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  return {
    keep: (group) => void stdin.write(`group ${group}\n`),
    limit: (group, cpus) => void stdin.write(`limit ${group} ${cpus}\n`),
    unlimit: (group) => void stdin.write(`unlimit ${group}\n`),
    [Symbol.asyncDispose]: async () => {
      stdin.end();
      await exited;
    },
  };
};
