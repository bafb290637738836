/** Baselines as files in one directory: `<suite>.squall-baseline.gz`. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { decodeBaseline, encodeBaseline } from "../../config/baseline-file.ts";
import { MAX_PACKED_BYTES } from "../../config/stored/envelope.ts";
import { SquallError, type SquallErrorCode } from "../../core/errors.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { BaselineStore, ChooseRuns } from "../../run/baseline-store.ts";
import { lockFile } from "./file-lock.ts";
import { baselineFileName, checkSuite, chosenOf, pooled, unpackBaseline } from "./packed-baseline.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "Give this user the right to read and write there, or name another directory with --baseline.",
  EPERM: "Give this user the right to read and write there, or name another directory with --baseline.",
  EROFS: "The file system is read-only: name another directory with --baseline.",
  ENOSPC: "Free space on the device. The stored baseline is unchanged.",
  EDQUOT: "Free space in your quota. The stored baseline is unchanged.",
  EFBIG: "Raise the limit on file sizes (ulimit -f). The stored baseline is unchanged.",
  ENOTDIR: "A part of the path is a file: name a directory with --baseline.",
  EEXIST: "A part of the path is a file: name a directory with --baseline.",
  EISDIR: "A directory stands where the file belongs: move it away.",
  EMFILE: "Raise the limit on open files (ulimit -n).",
};

/** The system's error in words, with a remedy. Errors of our own pass through. */
export const storeError = (
  code: SquallErrorCode,
  doing: string,
  place: string,
  cause: unknown,
): SquallError => {
  if (cause instanceof SquallError) return cause;
  const system = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = system === "" ? String(cause) : system;
  return new SquallError(code, `${doing} ${place} failed: ${reason}`, {
    place,
    remedy: REMEDIES[system] ?? "See the cause; the stored baseline is unchanged.",
    cause,
  });
};

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync a directory; the rename itself was atomic all the same.
    if (!(error instanceof Error && "code" in error && (error.code === "EINVAL" || error.code === "EPERM")))
      throw error;
  } finally {
    await handle.close();
  }
};

/** Written beside, synced, then renamed over: whoever reads sees the old file or the new one, whole. */
const replaceFile = async (file: string, content: Buffer): Promise<void> => {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(path.dirname(file));
};

/** What writers that were killed left behind; only called under the lock, so none of it is in use. */
const removeLeftovers = async (file: string): Promise<void> => {
  const directory = path.dirname(file);
  const begin = `${path.basename(file)}.`;
  for (const name of await readdir(directory)) {
    if (name.startsWith(begin) && name.endsWith(".tmp"))
      await rm(path.join(directory, name), { force: true });
  }
};

const readStored = async (file: string, suite: string): Promise<Baseline | null> => {
  let content: Buffer;
  try {
    const { size } = await stat(file);
    if (size > MAX_PACKED_BYTES) {
      throw new SquallError(
        "baseline-invalid",
        `${file} is ${size} bytes; at most ${MAX_PACKED_BYTES} are read`,
        {
          place: file,
          remedy: "Delete it and measure the default branch again with `squall baseline`.",
        },
      );
    }
    content = await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw storeError("baseline-invalid", "reading", file, error);
  }
  return unpackBaseline(content, file, suite);
};

export interface FileStoreOptions {
  /** How long to wait for another writer. */
  readonly lockWaitMs?: number;
}

/** A store in `directory`, which is made when first written to. */
export const fileBaselineStore = (directory: string, options: FileStoreOptions = {}): BaselineStore => {
  const fileOf = (suite: string): string => path.join(directory, baselineFileName(suite));
  const read = async (suite: string, choose?: ChooseRuns): Promise<Baseline | null> =>
    chosenOf(await readStored(fileOf(suite), suite), choose);
  const append = async (suite: string, profile: Profile, keep: number): Promise<Baseline> => {
    checkSuite(suite, profile);
    const file = fileOf(suite);
    try {
      await mkdir(directory, { recursive: true });
      await using lock = await lockFile(`${file}.lock`, options.lockWaitMs ?? 10_000);
      await removeLeftovers(file);
      const content = encodeBaseline(pooled(await read(suite), profile, keep));
      if (!(await lock.held())) {
        throw new SquallError("write-failed", `the lock of ${file} was taken away while writing`, {
          place: file,
          remedy: "Run the command again.",
        });
      }
      await replaceFile(file, content);
      // As it is stored, so that the caller sees what the next reader will.
      return decodeBaseline(content, { file });
    } catch (error) {
      throw storeError("write-failed", "writing", file, error);
    }
  };
  return { place: directory, read, append };
};
