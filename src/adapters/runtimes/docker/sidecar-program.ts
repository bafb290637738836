/** The files that make up the sidecar: its bundle and chunks when running from dist, its sources otherwise. */
import { readdir, readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { entryFile } from "../../../run/entries.ts";

export interface SidecarProgram {
  /** Absolute files on this machine, with their paths below the program's folder. */
  readonly files: readonly { readonly source: string; readonly name: string }[];
  /** Of the files' names: the one that node is started with. */
  readonly entry: string;
  /** False for sources, which change with every edit. */
  readonly bundled: boolean;
}

const IMPORT = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Every file that `file` imports, directly or not, and itself; the names of packages are collected beside. */
const closure = async (file: string, files: Set<string>, packages: Map<string, string>): Promise<void> => {
  if (files.has(file)) return;
  files.add(file);
  const text = await readFile(file, "utf8");
  for (const [, wanted = ""] of text.matchAll(IMPORT)) {
    if (wanted.startsWith("./") || wanted.startsWith("../")) {
      await closure(path.resolve(path.dirname(file), wanted), files, packages);
    } else if (/^[a-z@]/.test(wanted) && !wanted.startsWith("node:")) {
      packages.set(wanted, file);
    }
  }
};

const packageFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(json|[cm]?js)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));

/** The folder of the nearest package.json above. */
const packageRoot = (specifier: string, importer: string): string => {
  const manifest = findPackageJSON(specifier, pathToFileURL(importer));
  if (manifest === undefined) throw new Error(`package ${specifier} is not installed`);
  return path.dirname(manifest);
};

const bundle = async (entry: string): Promise<SidecarProgram> => {
  const files = new Set<string>();
  // A bundle imports nothing but its chunks and Node's own.
  await closure(entry, files, new Map());
  const named = [...files].map((source) => ({ source, name: path.basename(source) }));
  return { files: named, entry: path.basename(entry), bundled: true };
};

const sources = async (entry: string): Promise<SidecarProgram> => {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  await closure(entry, files, packages);
  const root = packageRoot("..", entry);
  // Its packages have none of their own, so one level is enough.
  const folders = new Set([...packages].map(([specifier, importer]) => packageRoot(specifier, importer)));
  const all = [
    path.join(root, "package.json"),
    ...files,
    ...(await Promise.all([...folders].map(packageFiles))).flat(),
  ];
  const named = all.map((source) => ({ source, name: path.relative(root, source) }));
  return { files: named, entry: path.relative(root, entry), bundled: false };
};

export const sidecarProgram = async (entry = entryFile("sidecar")): Promise<SidecarProgram> => {
  const program = await (entry.endsWith(".ts") ? sources(entry) : bundle(entry));
  // Names inside a Linux container, also where this machine writes paths otherwise; sorted, so that they can be hashed.
  const files = program.files
    .map(({ source, name }) => ({ source, name: name.replaceAll("\\", "/") }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return { ...program, files, entry: program.entry.replaceAll("\\", "/") };
};
