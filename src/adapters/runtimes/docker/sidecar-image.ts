/** The image in which the sidecar runs: made from the node that runs squall, without a builder and without a pull. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { SquallError } from "../../../core/errors.ts";
import type { DockerEngine } from "./engine.ts";
import { ensureImage, inspectImage } from "./images/pull.ts";
import { LABEL_IMAGE } from "./labels.ts";
import { NODE_INSIDE, type NodeFiles, nodeFiles } from "./node-files.ts";
import { type SidecarProgram, sidecarProgram } from "./sidecar-program.ts";
import { importImage, type TarEntry } from "./tar.ts";

export interface SidecarImage {
  readonly name: string;
  /** argv prefix that runs node in it. */
  readonly node: readonly string[];
  /** The sidecar's program in it; null where it must be put into each container (`program`). */
  readonly entry: string | null;
  readonly program: SidecarProgram;
}

/** Folder of the program inside. */
export const PROGRAM_FOLDER = "/squall";
/** Neither root nor a user that any image is likely to have: of distroless images. */
export const SIDECAR_USER = "65532:65532";
const REPOSITORY = "squall-sidecar";

/**
 * On Linux, made from the running node, its libraries and the bundled program, once for each content; elsewhere, or where
 * one is named, a public image that has node, into which the program is put.
 *
 * @throws SquallError `engine-unavailable` where the engine's architecture is another, `sidecar-failed` where the engine
 * does not take the image, `image-unavailable` where the named one cannot be had
 */
export const ensureSidecarImage = async (
  engine: DockerEngine,
  override: string | undefined,
  progress: (line: string) => void,
  wanted?: SidecarProgram,
): Promise<SidecarImage> => {
  const program = wanted ?? (await sidecarProgram());
  if (override !== undefined || process.platform !== "linux") {
    const name = override ?? `node:${process.versions.node.split(".")[0]}-slim`;
    await ensureImage(engine, name, "docker.sidecarImage", progress);
    return { name, node: ["node"], entry: null, program };
  }
  requireOwnArchitecture(engine);
  const node = await nodeFiles();
  const name = `${REPOSITORY}:${await contentHash(node, program)}`;
  if ((await inspectImage(engine, name)) === null) {
    progress("making the sidecar's image");
    await makeImage(engine, name, node, program);
  }
  const entry = program.bundled ? `${PROGRAM_FOLDER}/${program.entry}` : null;
  return { name, node: [`/${NODE_INSIDE}`], entry, program };
};

const requireOwnArchitecture = ({ arch }: DockerEngine): void => {
  if (arch === process.arch) return;
  throw new SquallError(
    "engine-unavailable",
    `The Docker engine runs ${arch}, this machine ${process.arch}: the node that runs squall would not run there.`,
    {
      place: "docker.sidecarImage",
      remedy: `Set docker.sidecarImage to an image with Node 24 for ${arch}, such as node:24-slim.`,
    },
  );
};

const directory = (name: string, mode: number): TarEntry => ({ name, mode, content: "directory" });
const text = (name: string, content: string): TarEntry => ({ name, mode: 0o644, content: { text: content } });

const rootFileSystem = (node: NodeFiles, program: SidecarProgram): readonly TarEntry[] => [
  directory("etc", 0o755),
  directory("tmp", 0o1777),
  text("etc/passwd", "root:x:0:0:root:/:/sbin/nologin\nsquall:x:65532:65532:squall:/tmp:/sbin/nologin\n"),
  text("etc/group", "root:x:0:\nsquall:x:65532:\n"),
  text("etc/nsswitch.conf", "hosts: files dns\n"),
  ...node.files.map(({ source, name }) => ({ name, mode: 0o755, content: { file: source } })),
  // Sources change with every edit: they are put into each container instead.
  ...(program.bundled ? programEntries(program, PROGRAM_FOLDER.slice(1)) : []),
];

/** The program's files below a folder (without a leading slash). */
const programEntries = ({ files }: SidecarProgram, folder: string): readonly TarEntry[] =>
  files.map(({ source, name }) => ({ name: `${folder}/${name}`, mode: 0o644, content: { file: source } }));

/**
 * The program by its bytes; node and its libraries as `make` knows files, by size and time, because hashing their 120 MB
 * would cost every run 0.3 s.
 */
const contentHash = async (node: NodeFiles, program: SidecarProgram): Promise<string> => {
  const hash = createHash("sha256").update(JSON.stringify([process.version, process.arch, changesOf(node)]));
  for (const { source, name } of node.files) {
    const { size, mtimeMs } = await stat(source);
    hash.update(JSON.stringify([name, size, mtimeMs]));
  }
  for (const { source, name } of program.bundled ? program.files : []) {
    hash.update(JSON.stringify([name])).update(await readFile(source));
  }
  return hash.digest("hex").slice(0, 16);
};

const changesOf = ({ libraryFolders }: NodeFiles): string[] => [
  `ENTRYPOINT ["/${NODE_INSIDE}"]`,
  `USER ${SIDECAR_USER}`,
  "WORKDIR /",
  ...(libraryFolders.length === 0 ? [] : [`ENV LD_LIBRARY_PATH=${libraryFolders.join(":")}`]),
  `LABEL ${LABEL_IMAGE}=sidecar`,
];

const makeImage = async (
  { docker }: DockerEngine,
  name: string,
  node: NodeFiles,
  program: SidecarProgram,
): Promise<void> => {
  try {
    await importImage(docker, name, rootFileSystem(node, program), changesOf(node));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new SquallError("sidecar-failed", `The engine did not take the sidecar's image: ${why}`, {
      place: name,
      remedy: /no space left/i.test(why)
        ? "Free disk space of the engine: `docker system df`, `docker system prune`."
        : "Set docker.sidecarImage to an image with Node 24, such as node:24-slim.",
      cause,
    });
  }
};
