/** Tar streams for the engine: root file systems that are imported, files that are put into a container. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";

export interface TarEntry {
  /** Path inside, without a leading slash. */
  readonly name: string;
  readonly mode: number;
  /** A file on this machine (symbolic links are followed), a text, or a directory. */
  readonly content: { readonly file: string } | { readonly text: string } | "directory";
}

/** The same entries give the same bytes: owned by root, without times. */
export const tarOf = (entries: readonly TarEntry[]): Readable => {
  const archive = pack();
  const header = { uid: 0, gid: 0, mtime: new Date(0) };
  const fill = async (): Promise<void> => {
    for (const { name, mode, content } of entries) {
      if (content === "directory") {
        archive.entry({ ...header, name, mode, type: "directory" });
      } else if ("text" in content) {
        archive.entry({ ...header, name, mode }, content.text);
      } else {
        const { size } = await stat(content.file);
        await pipeline(createReadStream(content.file), archive.entry({ ...header, name, mode, size }));
      }
    }
    archive.finalize();
  };
  fill().catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // tar-stream's streams are not Node's own.
  return Readable.from(archive);
};

/**
 * Makes an image of one layer, without a builder. `changes` are Dockerfile instructions such as "USER 65532".
 *
 * @throws the engine's error
 */
export const importImage = (
  docker: Dockerode,
  name: string,
  entries: readonly TarEntry[],
  changes: readonly string[],
): Promise<void> => importArchive(docker, name, tarOf(entries), changes);

/** As importImage, from a tar stream of the whole root file system. */
export const importArchive = async (
  docker: Dockerode,
  name: string,
  archive: Readable,
  changes: readonly string[],
): Promise<void> => {
  const colon = name.lastIndexOf(":");
  try {
    const options = { repo: name.slice(0, colon), tag: name.slice(colon + 1), changes };
    const answer = await docker.importImage(archive, options);
    // Failures come inside the answer: it must be read to its end.
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(answer, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    archive.destroy();
  }
};
