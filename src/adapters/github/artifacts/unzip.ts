/**
 * Unpacks an archive that a stranger may have made, into memory.
 *
 *   directory (yauzl) -> every entry refused or placed -> no two share bytes -> inflated one by one, counted as it comes
 *
 * What headers say is used to refuse early, never to allow: the limits hold for what really unpacks.
 */
import { crc32, inflateRaw } from "node:zlib";
import yauzl from "yauzl";
import { SquallError } from "../../../core/errors.ts";
import { plainText } from "../../../core/report/plain-text.ts";
import { entryPath, isFolder, portablePath } from "./entry-path.ts";
import { invalidArchive } from "./invalid-archive.ts";

export interface UnzipLimits {
  /** Entries, folders among them. */
  readonly maxFiles: number;
  /** Of all files together, unpacked. */
  readonly maxBytes: number;
  /** Of one file, unpacked; absent: as many as of all. */
  readonly maxFileBytes?: number;
}

/** An entry that may be unpacked, with the place of its packed bytes. */
interface Placed {
  readonly path: string;
  readonly entry: yauzl.Entry;
  readonly headerStart: number;
  readonly dataStart: number;
  readonly dataEnd: number;
}

const STORED = 0;
const DEFLATED = 8;
const FILE_TYPE = 0o170_000;
const REGULAR = 0o100_000;
const FOLDER = 0o040_000;

const refuseKind = (entry: yauzl.Entry, path: string): void => {
  // The mode stands in the upper half where a Unix made the archive; elsewhere that half is 0.
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR && type !== FOLDER)
    throw invalidArchive("an entry is a link or a device, not a file", path);
  if ((entry.generalPurposeBitFlag & 1) !== 0) throw invalidArchive("an entry is encrypted", path);
  const method = entry.compressionMethod;
  if (method !== STORED && method !== DEFLATED)
    throw invalidArchive(`an entry is packed by method ${method}, not stored or deflated`, path);
};

const place = async (archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<Placed> => {
  const path = entryPath(entry.fileName);
  refuseKind(entry, path);
  const local = await archive.readLocalFileHeaderPromise(entry);
  if (!local.fileName.equals(entry.fileNameRaw))
    throw invalidArchive("an entry has one name in the directory and another one before its content", path);
  return {
    path,
    entry,
    headerStart: entry.relativeOffsetOfLocalHeader,
    dataStart: local.fileDataStart,
    dataEnd: local.fileDataStart + entry.compressedSize,
  };
};

/** Entries that share bytes make a small archive unpack to many times what an honest one of its size could. */
const refuseOverlaps = (placed: readonly Placed[]): void => {
  let end = 0;
  for (const { path, headerStart, dataEnd } of placed.toSorted((a, b) => a.headerStart - b.headerStart)) {
    if (headerStart < end) throw invalidArchive("two entries share the same bytes", path);
    end = dataEnd;
  }
};

const readDirectory = async (zip: Buffer, limits: UnzipLimits): Promise<readonly Placed[]> => {
  const archive = await yauzl.fromBufferPromise(zip, { strictFileNames: true, validateEntrySizes: true });
  const tooMany = (): SquallError => invalidArchive(`it holds more than ${limits.maxFiles} files`);
  if (archive.entryCount > limits.maxFiles) throw tooMany();
  const placed: Placed[] = [];
  const names = new Set<string>();
  for await (const entry of archive.eachEntry()) {
    if (placed.length >= limits.maxFiles) throw tooMany();
    const next = await place(archive, entry);
    const name = portablePath(next.path);
    if (names.has(name)) throw invalidArchive("two entries have the same name", next.path);
    names.add(name);
    placed.push(next);
  }
  refuseOverlaps(placed);
  return placed;
};

/** @param most bytes it may become; @returns null beyond them, as soon as they are reached */
const inflate = async (packed: Buffer, most: number): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    // zlib takes no limit of 0, and an entry that says it is empty must still be looked at.
    inflateRaw(packed, { maxOutputLength: Math.max(1, most) }, (error, content) => {
      if (error === null) resolve(content.length > most ? null : content);
      else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") resolve(null);
      else reject(error);
    });
  });

const unpack = async (zip: Buffer, { path, entry, ...at }: Placed, most: number): Promise<Buffer> => {
  const tooLarge = (): SquallError => invalidArchive(`it unpacks to more than ${most} bytes here`, path);
  if (entry.uncompressedSize > most) throw tooLarge();
  const packed = zip.subarray(at.dataStart, at.dataEnd);
  let content: Buffer | null;
  if (entry.compressionMethod === STORED) content = packed.length > most ? null : Buffer.from(packed);
  else {
    try {
      content = await inflate(packed, most);
    } catch (cause) {
      throw invalidArchive("an entry is damaged or cut short", path, cause);
    }
  }
  if (content === null) throw tooLarge();
  if (content.length !== entry.uncompressedSize || crc32(content) !== entry.crc32)
    throw invalidArchive("an entry is not what its header says: it is damaged", path);
  return content;
};

/**
 * Nothing is written to disk. Folders are left out of the answer; paths are relative, with `/`.
 *
 * @throws SquallError `artifact-invalid`, and nothing else, whatever the bytes are
 */
export const unzipSafely = async (zip: Buffer, limits: UnzipLimits): Promise<ReadonlyMap<string, Buffer>> => {
  try {
    const files = new Map<string, Buffer>();
    let left = limits.maxBytes;
    for (const placed of await readDirectory(zip, limits)) {
      const content = await unpack(zip, placed, Math.min(left, limits.maxFileBytes ?? left));
      left -= content.length;
      if (!isFolder(placed.path)) files.set(placed.path, content);
      else if (content.length > 0) throw invalidArchive("a folder has a content", placed.path);
    }
    return files;
  } catch (error) {
    if (error instanceof SquallError) throw error;
    // yauzl names entries as they are written: no such text leaves here as it came.
    throw invalidArchive(
      `it is no readable zip archive (${plainText((error as Error).message, 200)})`,
      undefined,
      error,
    );
  }
};
