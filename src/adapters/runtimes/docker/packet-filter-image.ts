/**
 * An image with this machine's own iptables and nothing else, for workers in the sidecar's network namespace. Made, not
 * pulled: the engine on this machine needs iptables itself, so it is there.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import { LABEL_IMAGE } from "./labels.ts";
import { tarOf } from "./tar.ts";

const REPOSITORY = "squall-packet-filter";
const DIRECTORIES = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
/** Both makes of iptables; which one a kernel takes shows when it is tried. */
const MAKES = ["xtables-legacy-multi", "xtables-nft-multi"];
/** Matches and targets that our rules use; some builds have them built in. */
const EXTENSIONS = ["libxt_standard.so", "libxt_tcp.so", "libxt_statistic.so"];
/** Where they lie inside. */
const EXTENSION_FOLDER = "/xtables";

export interface PacketFilterImage {
  readonly name: string;
  /** Programs to try in this order; their first argument is `iptables-restore` or `iptables-save`. */
  readonly programs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** On this machine, the preferred make first. */
const installed = (): string[] =>
  MAKES.flatMap(
    (make) => DIRECTORIES.map((folder) => path.join(folder, make)).find((file) => existsSync(file)) ?? [],
  );

/** Asked at plan time: has this machine what the image is made of? */
export const packetFilterSupported = (): { ok: true } | { ok: false; reason: string } => {
  if (process.platform !== "linux") {
    return { ok: false, reason: "packet-loss needs a Linux machine that runs the Docker engine itself" };
  }
  return installed().length > 0
    ? { ok: true }
    : {
        ok: false,
        reason: "packet-loss needs iptables, which is not on this machine: install the package iptables",
      };
};

/** By the loader's own word; none for a static binary. */
const librariesOf = async (binary: string): Promise<string[]> => {
  const { stdout } = await promisify(execFile)("ldd", [binary], {
    env: { ...process.env, LC_ALL: "C" },
  }).catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+)\s+\(0x/gm)].map(([, file = ""]) => path.normalize(file));
};

/** Files on this machine by their path inside. */
const contents = async (): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  const add = async (inside: string, source: string): Promise<readonly string[]> => {
    files.set(inside, source);
    const libraries = await librariesOf(source);
    for (const library of libraries) files.set(library, library);
    return libraries;
  };
  for (const binary of installed()) {
    const libraries = await add(`/sbin/${path.basename(binary)}`, binary);
    const beside = libraries.find((file) => path.basename(file).startsWith("libxtables."));
    if (beside === undefined) continue;
    for (const extension of EXTENSIONS) {
      const source = path.join(path.dirname(beside), "xtables", extension);
      if (existsSync(source)) await add(`${EXTENSION_FOLDER}/${extension}`, source);
    }
  }
  return files;
};

const tagOf = async (files: ReadonlyMap<string, string>): Promise<string> => {
  const hash = createHash("sha256");
  for (const [inside, source] of files) hash.update(`\0${inside}\0`).update(await readFile(source));
  return hash.digest("hex").slice(0, 16);
};

const make = async (docker: Dockerode, tag: string, files: ReadonlyMap<string, string>): Promise<void> => {
  const archive = tarOf([
    // For the lock that keeps two iptables apart.
    { name: "run", mode: 0o755, content: "directory" },
    ...[...files].map(([inside, source]) => ({
      name: inside.slice(1),
      mode: 0o755,
      content: { file: source },
    })),
  ]);
  const changes = [`LABEL ${LABEL_IMAGE}=packet-filter`];
  const answer = await docker.importImage(archive, { repo: REPOSITORY, tag, changes });
  // Failures come inside the answer: it must be read to its end.
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(answer, (error) => (error === null ? resolve() : reject(error)));
  });
};

/** The image, made at its first use and kept: its tag is its content. @throws SquallError `fault-unsupported` */
export const packetFilterImage = async (docker: Dockerode): Promise<PacketFilterImage> => {
  const refuse = (why: string, cause?: unknown): SquallError =>
    new SquallError("fault-unsupported", `Packets cannot be lost here: ${why}.`, {
      place: "packet-loss",
      remedy: "Install iptables on the machine that runs the Docker engine, or remove the experiment.",
      cause,
    });
  const support = packetFilterSupported();
  if (!support.ok) throw refuse(support.reason);
  const files = await contents();
  const tag = await tagOf(files);
  const name = `${REPOSITORY}:${tag}`;
  const known = await docker
    .getImage(name)
    .inspect()
    .catch(() => null);
  if (known === null) {
    await make(docker, tag, files).catch((cause: Error) => {
      throw refuse(`the engine did not take the image with iptables (${cause.message})`, cause);
    });
  }
  const folders = new Set(
    [...files.keys()].filter((file) => /\.so(\.|$)/.test(file)).map((file) => path.dirname(file)),
  );
  return {
    name,
    programs: [...files.keys()].filter((file) => file.startsWith("/sbin/xtables-")),
    // The cache in which the loader looks libraries up is not there.
    env: { XTABLES_LIBDIR: EXTENSION_FOLDER, LD_LIBRARY_PATH: [...folders].join(":") },
  };
};
