/** One writer at a time per file: a lock file made exclusively, taken over when its owner is gone. */
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { SquallError } from "../../core/errors.ts";

const RETRY_MS = 20;
/** An append takes well under a second; an owner on another machine this old is taken for dead. */
const FOREIGN_STALE_MS = 60_000;
/** Between making the lock and filling it lies no time to speak of: one that stays empty was left by a writer that was killed there. */
const EMPTY_STALE_MS = 2000;

export interface FileLock extends AsyncDisposable {
  /** Is the lock file still the one we made? */
  held(): Promise<boolean>;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return codeOf(error) === "EPERM";
  }
};

const readOr = async (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });

/** "pid host uuid". An empty or foreign text is judged by age alone: its writer may be just about to fill it. */
const isStale = async (file: string, content: string): Promise<boolean> => {
  const [pid, host] = content.split(" ");
  if (host === hostname() && pid !== undefined && /^\d+$/.test(pid)) return !isAlive(Number(pid));
  const made = await stat(file).catch(() => null);
  return made !== null && Date.now() - made.mtimeMs > (content === "" ? EMPTY_STALE_MS : FOREIGN_STALE_MS);
};

/** Moves the stale lock aside. What was moved is looked at again: another writer may have replaced it meanwhile. */
const breakLock = async (file: string, content: string): Promise<void> => {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readOr(aside)) !== content) await link(aside, file).catch(() => undefined);
  await unlink(aside);
};

/**
 * Waits for the lock.
 *
 * @param waitMs how long at most
 * @throws SquallError `write-failed` when another living writer holds it all that time; or the system's own error
 */
export const lockFile = async (file: string, waitMs: number): Promise<FileLock> => {
  const content = `${process.pid} ${hostname()} ${randomUUID()}`;
  const untilMs = Date.now() + waitMs;
  for (;;) {
    try {
      const handle = await open(file, "wx");
      try {
        await handle.writeFile(content);
      } finally {
        await handle.close();
      }
      break;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const other = await readOr(file);
    if (other !== null && (await isStale(file, other))) await breakLock(file, other);
    else if (Date.now() >= untilMs) {
      throw new SquallError("write-failed", `another squall is writing this baseline (lock ${file})`, {
        place: file,
        remedy: "Wait for it to end; delete the lock file if there is none.",
      });
    } else await delay(RETRY_MS);
  }
  const held = async (): Promise<boolean> => (await readOr(file)) === content;
  return {
    held,
    [Symbol.asyncDispose]: async () => {
      if (await held()) await unlink(file);
    },
  };
};
