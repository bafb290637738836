import { spawn } from "node:child_process";
import { entryFile } from "../../../run/entries.ts";
import { baseEnvironment } from "../base-environment.ts";

/** What a client of the engine reads; no token is among it. */
const ENGINE_VARIABLES =
  /^(DOCKER_(HOST|TLS_VERIFY|CERT_PATH|CONFIG|CONTEXT)|TESTCONTAINERS_\w+|XDG_RUNTIME_DIR)$/;

export interface RunKeeper {
  /** All is removed: nothing is left to do. */
  dismiss(): void;
  /** Something could not be removed: it tries again until nothing is left. */
  sweep(): void;
}

/** Starts the process that sweeps the run when we cannot. */
export const startRunKeeper = async (runId: string): Promise<RunKeeper> => {
  const engine = Object.entries(process.env).filter(([name]) => ENGINE_VARIABLES.test(name));
  const child = spawn(process.execPath, [entryFile("docker-keeper"), runId], {
    cwd: "/",
    env: { ...baseEnvironment(process.env), ...(Object.fromEntries(engine) as Record<string, string>) },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  // The first word counts: an ended pipe takes no other.
  const end = (word: string): void => {
    if (!child.stdin.writableEnded) child.stdin.end(word);
  };
  return { dismiss: () => end("done\n"), sweep: () => end("") };
};
