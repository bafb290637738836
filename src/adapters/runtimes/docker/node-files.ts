/** The files that the running node needs in an otherwise empty Linux root file system. */
import { execFile } from "node:child_process";
import { access, realpath } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { SquallError } from "../../../core/errors.ts";

/** Where node lies inside. */
export const NODE_INSIDE = "usr/local/bin/node";

export interface NodeFiles {
  /** Absolute files on this machine, with their paths inside, without a leading slash. */
  readonly files: readonly { readonly source: string; readonly name: string }[];
  /** Folders of its libraries, for LD_LIBRARY_PATH: the cache in which the loader looks them up is not there. */
  readonly libraryFolders: readonly string[];
}

/** Loaded by name when a host name is looked up, so that no list of libraries has them. */
const NAME_LOOKUP = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

const libraries = async (node: string): Promise<string[]> => {
  try {
    const { stdout } = await promisify(execFile)("ldd", [node], { env: { ...process.env, LC_ALL: "C" } });
    // "libm.so.6 => /lib/libm.so.6 (0x7f...)", and the loader: "/lib64/ld-linux-x86-64.so.2 (0x7f...)".
    return [...stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+)\s+\(0x/gm)].map(([, file = ""]) => file);
  } catch (error) {
    const { stderr = "", stdout = "" } = error as { stderr?: string; stdout?: string };
    if (/not a dynamic executable|not a valid dynamic program/i.test(stderr + stdout)) return [];
    throw new SquallError("sidecar-failed", `The libraries of ${node} cannot be listed: ${String(error)}`, {
      place: "docker.sidecarImage",
      remedy: "Set docker.sidecarImage to an image with Node 24, such as node:24-slim, or install ldd.",
      cause: error,
    });
  }
};

const existing = async (files: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
};

/** @throws SquallError `sidecar-failed` where they cannot be found */
export const nodeFiles = async (): Promise<NodeFiles> => {
  const node = await realpath(process.execPath);
  const linked = await libraries(node);
  const libc = linked.find((file) => file.endsWith("/libc.so.6"));
  const lookup =
    libc === undefined ? [] : await existing(NAME_LOOKUP.map((name) => path.join(path.dirname(libc), name)));
  const all = [...new Set([...linked, ...lookup].map((file) => path.normalize(file)))].sort();
  return {
    files: [{ source: node, name: NODE_INSIDE }, ...all.map((source) => ({ source, name: source.slice(1) }))],
    libraryFolders: [...new Set(all.map((file) => path.dirname(file)))],
  };
};
