/** A file of a container, running or not, read through the engine: the image needs no program for it. */
import path from "node:path";
import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";
import { SquallError } from "../../../core/errors.ts";
import { isMissing } from "./faults/engine-answer.ts";

/** Of the engine's `X-Docker-Container-Path-Stat`. */
interface PathStat {
  readonly size: number;
  readonly mtime: string;
  /** As Go's `fs.FileMode`. */
  readonly mode: number;
  /** Absolute in the container, every link in it followed; "" where it is no symbolic link. */
  readonly linkTarget: string;
}

const DIRECTORY_BIT = 0x8000_0000;
/** Directory, link, pipe, socket, device: whatever is no regular file. */
const TYPE_BITS = 0x8f28_0000;
/** The engine gives a file from its begin: reading the end of a larger one would take too long. */
const MOST_BYTES = 256 << 20;

const outside = (file: string, root: string): SquallError =>
  new SquallError("suite-invalid", `${file} leads out of ${root}.`, {
    place: file,
    remedy: "Name a file inside of the directory, without `..` and without links that lead elsewhere.",
  });

const statOf = async (container: Dockerode.Container, file: string): Promise<PathStat | null> => {
  try {
    // Typed as a stream: it is the response to a HEAD.
    const response = (await container.infoArchive({ path: file })) as unknown as Readable & {
      readonly headers: Readonly<Record<string, string | undefined>>;
    };
    response.resume();
    const header = response.headers["x-docker-container-path-stat"] ?? "";
    return JSON.parse(Buffer.from(header, "base64").toString("utf8")) as PathStat;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

/** A file as it was read, and by what a later look tells that it is still the same. */
export interface ContainerFile {
  readonly stamp: string;
  readonly text: string;
}

/** The regular file behind a path, each link on the way followed as long as it stays inside; null: there is none. */
const locate = async (
  container: Dockerode.Container,
  root: string,
  file: string,
): Promise<{ readonly place: string; readonly size: number; readonly stamp: string } | null> => {
  const isInside = (place: string): boolean => place === root || place.startsWith(`${root}/`);
  let [place, stat]: [string, PathStat | null] = [root, null];
  for (const part of file.split("/")) {
    // The engine fails where it is asked for what lies below a file.
    if (stat !== null && (stat.mode & DIRECTORY_BIT) === 0) return null;
    place = `${place}/${part}`;
    stat = await statOf(container, place);
    if (stat !== null && stat.linkTarget !== "") {
      place = stat.linkTarget;
      if (!isInside(place)) throw outside(file, root);
      stat = await statOf(container, place);
    }
    if (stat === null) return null;
  }
  if (stat === null || (stat.mode & TYPE_BITS) !== 0) return null;
  const { size, mtime } = stat;
  return { place, size, stamp: `${container.id} ${place} ${size} ${mtime}` };
};

/** The end of the archive's one file; null where it is no file, or was cut off before its size was there. */
const endOf = async (archive: Readable, maxBytes: number): Promise<Buffer | null> => {
  const { promise, resolve } = Promise.withResolvers<Buffer | null>();
  const unpack = extract();
  let [chunks, kept, seen, size] = [[] as Buffer[], 0, 0, -1];
  const finish = (): void =>
    resolve(seen === size ? Buffer.concat(chunks).subarray(Math.max(0, kept - maxBytes)) : null);
  unpack.on("entry", (header, entry, next) => {
    if (header.type === "file" && size === -1) {
      size = header.size ?? 0;
      entry.on("data", (data) => {
        const chunk = data as Buffer;
        chunks.push(chunk);
        seen += chunk.length;
        kept += chunk.length;
        for (; kept - (chunks[0]?.length ?? 0) >= maxBytes; chunks = chunks.slice(1))
          kept -= chunks[0]?.length ?? 0;
      });
    }
    entry.on("end", next).resume();
  });
  // A file that grows while the engine packs it ends the archive early, behind all of its bytes.
  unpack.on("finish", finish).on("error", finish).on("close", finish);
  archive.on("error", () => unpack.destroy()).on("close", () => unpack.end(null));
  archive.pipe(unpack);
  const end = await promise;
  archive.destroy();
  return end;
};

/**
 * Its last `maxBytes`; null: there is no such file (yet).
 *
 * @param root absolute directory that the path never leaves
 * @param file relative to it
 * @param known what was read last: given back where nothing has changed, for a look is cheap and the engine's archive is not
 * @throws SquallError `suite-invalid` for a path that leaves it, or a file beyond 256 MiB
 */
export const readInContainer = async (
  container: Dockerode.Container,
  root: string,
  file: string,
  maxBytes: number,
  known: ContainerFile | null = null,
): Promise<ContainerFile | null> => {
  const relative = path.posix.normalize(file);
  if (path.posix.isAbsolute(file) || /^\.{0,2}(\/|$)/.test(relative) || relative.includes("\0"))
    throw outside(file, root);
  try {
    const found = await locate(container, root, relative.replace(/\/$/, ""));
    if (found === null) return null;
    if (found.stamp === known?.stamp) return known;
    if (found.size > MOST_BYTES) {
      throw new SquallError("suite-invalid", `${file} has ${found.size} bytes: too many to be followed.`, {
        place: file,
        remedy: "Name a file that gets one short line a step.",
      });
    }
    const archive = (await container.getArchive({ path: found.place })) as Readable;
    const end = await endOf(archive, maxBytes);
    return end === null ? null : { stamp: found.stamp, text: end.toString("utf8") };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};
