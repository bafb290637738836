/**
 * Checkpoints that survive a kill at any moment and a full disk.
 *
 *   step-20.ckpt.partial --write, fsync--> --rename--> step-20.ckpt, fsync of the directory
 *
 * A file: one line of JSON (the head), the arrays' 64-bit floats, padding, SHA-256 of all that.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DataState } from "./data.ts";
import type { Moments } from "./optimizer.ts";

/** The newest may turn out broken: then the one before it is there. */
const KEPT = 2;
/** This model is tiny. Padding and pace (MiB/s) stand in for the size of a real one's checkpoint: a save takes about 130 ms. */
const PADDING_BYTES = 4 * 1024 * 1024;
const BYTES_PER_MS = (Number(process.env["SAVE_PACE"] ?? 32) * 1024 * 1024) / 1000;
const CHUNK_BYTES = 64 * 1024;
const DIGEST_BYTES = 32;
/** No room, or a disk that fails: the training is worth more than this one checkpoint. Anything else is a mistake, and is thrown. */
const DISK_TROUBLE: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EIO"]);

export interface Checkpoint {
  readonly step: number;
  readonly parameters: Float64Array;
  readonly moments: Moments;
  readonly data: DataState;
}

interface Head {
  readonly step: number;
  readonly parameters: number;
  readonly updates: number;
  readonly data: DataState;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const encode = ({ step, parameters, moments, data }: Checkpoint): Buffer => {
  const head: Head = { step, parameters: parameters.length, updates: moments.updates, data };
  const content = Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...[parameters, moments.first, moments.second].map(bytesOf),
    Buffer.alloc(PADDING_BYTES),
  ]);
  return Buffer.concat([content, createHash("sha256").update(content).digest()]);
};

/** @throws Error where a byte is missing or wrong */
const decode = (bytes: Buffer): Checkpoint => {
  const content = bytes.subarray(0, -DIGEST_BYTES);
  const digest = createHash("sha256").update(content).digest();
  if (!digest.equals(bytes.subarray(-DIGEST_BYTES))) throw new Error("its checksum is wrong");
  const end = content.indexOf("\n");
  const { step, parameters, updates, data } = JSON.parse(content.toString("utf8", 0, end)) as Head;
  // Copied: the place after the head need not be a multiple of eight.
  const floats = new Float64Array(
    Uint8Array.from(content.subarray(end + 1, end + 1 + parameters * 3 * 8)).buffer,
  );
  const part = (place: number): Float64Array => floats.slice(place * parameters, (place + 1) * parameters);
  return { step, parameters: part(0), moments: { first: part(1), second: part(2), updates }, data };
};

/**
 * In chunks, as a stream to a store goes, no faster than the pace; on the disk when it resolves. The rename comes after that: else a power
 * cut could leave the name, and not the bytes.
 */
const writeSynced = async (name: string, bytes: Buffer): Promise<void> => {
  await using file = await open(name, "w");
  const startedMs = performance.now();
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    await file.writeFile(bytes.subarray(at, at + CHUNK_BYTES));
    const aheadMs = (at + CHUNK_BYTES) / BYTES_PER_MS - (performance.now() - startedMs);
    if (aheadMs > 1) await delay(aheadMs);
  }
  await file.sync();
};

/** Without this, a power cut may leave the bytes, and not the name. */
const syncDirectory = async (directory: string): Promise<void> => {
  await using handle = await open(directory, "r");
  await handle.sync();
};

const NAME = /^step-(\d+)\.ckpt$/;
const PARTIAL = ".partial";

/** Steps of the checkpoints that are there, newest first. */
const stepsIn = async (directory: string): Promise<number[]> =>
  (await readdir(directory))
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => b - a);

const fileOf = (directory: string, step: number): string => path.join(directory, `step-${step}.ckpt`);

/** False: there was no room, and what was saved before is still there. */
export const saveCheckpoint = async (directory: string, checkpoint: Checkpoint): Promise<boolean> => {
  const { step } = checkpoint;
  const target = fileOf(directory, step);
  const partial = target + PARTIAL;
  console.log(`saving checkpoint at step ${step}`);
  try {
    await writeSynced(partial, encode(checkpoint));
    await rename(partial, target);
    await syncDirectory(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!DISK_TROUBLE.has(code)) throw error;
    await rm(partial, { force: true });
    console.log(`no checkpoint at step ${step}, going on: ${message}`);
    return false;
  }
  // Only now: until here the older ones were all there was.
  for (const old of (await stepsIn(directory)).slice(KEPT)) await rm(fileOf(directory, old));
  console.log(`saved checkpoint at step ${step}`);
  return true;
};

/**
 * The newest that is whole; null: there is none, and never was one.
 *
 * @throws Error where there are some, and none can be read: to begin again at step 0 would throw work away unasked
 */
export const loadNewest = async (directory: string): Promise<Checkpoint | null> => {
  await mkdir(directory, { recursive: true });
  // What a save left that was killed; its room is needed.
  for (const name of await readdir(directory))
    if (name.endsWith(PARTIAL)) await rm(path.join(directory, name), { force: true });
  const steps = await stepsIn(directory);
  for (const step of steps) {
    try {
      return decode(await readFile(fileOf(directory, step)));
    } catch (error) {
      console.log(`the checkpoint of step ${step} cannot be read: ${(error as Error).message}`);
    }
  }
  if (steps.length > 0) throw new Error(`none of the checkpoints in ${directory} can be read`);
  return null;
};
