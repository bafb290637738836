/** The files that tell what a repository is. They are only read; nothing is executed. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { isExample, isProse, isSource } from "../../config/init/places.ts";

const TELLING =
  /^(Dockerfile|(docker-)?compose\.ya?ml|package\.json|pyproject\.toml|requirements\.txt|Procfile|(openapi|swagger)\.(json|ya?ml))$/i;
/** Others' code, what is built, and what only tests. Hidden directories are passed over too. */
const PASSED_OVER =
  /^(node_modules|vendor|venv|env|dist|build|out|target|coverage|tests?|__tests__|__pycache__|fixtures|examples?|site-packages|public|static|assets|chaos)$/i;
const LARGEST_FILE_BYTES = 2 * 1024 * 1024;
const LARGEST_SOURCE_BYTES = 200 * 1024;
const MOST_SOURCE_BYTES = 8 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
const MOST_SOURCES = 500;
const DEEPEST = 5;
/** Manifests of packages further down are not the service's own. */
const MANIFEST_FOLDERS = [".", "docs", "api"];

const entriesOf = async (folder: string) =>
  (await readdir(folder, { withFileTypes: true }).catch(() => [])).sort((a, b) => (a.name < b.name ? -1 : 1));

const textOf = async (file: string, mostBytes: number): Promise<string | null> => {
  const { size } = await stat(file);
  return size > mostBytes ? null : readFile(file, "utf8");
};

/** Source files, READMEs and example environments, nearest first; symbolic links are not followed. */
const readSources = async (directory: string, files: Map<string, string>): Promise<void> => {
  let left = MOST_SOURCE_BYTES;
  let sources = 0;
  let seen = 0;
  let level: readonly string[] = ["."];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const deeper: string[] = [];
    for (const folder of level) {
      for (const entry of await entriesOf(path.join(directory, folder))) {
        if (++seen > MOST_ENTRIES || sources >= MOST_SOURCES || left <= 0) return;
        const relative = path.join(folder, entry.name);
        if (entry.isDirectory()) {
          if (!entry.name.startsWith(".") && !PASSED_OVER.test(entry.name)) deeper.push(relative);
          continue;
        }
        const wanted = isSource(relative) || isExample(relative) || (depth < 2 && isProse(relative));
        if (!entry.isFile() || !wanted) continue;
        const text = await textOf(path.join(directory, relative), LARGEST_SOURCE_BYTES);
        if (text === null) continue;
        files.set(relative.replaceAll("\\", "/"), text);
        sources++;
        left -= text.length;
      }
    }
    level = deeper;
  }
};

/** Path, relative and with forward slashes, to content. */
export const readTelling = async (directory: string): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  for (const folder of MANIFEST_FOLDERS) {
    for (const { name } of await entriesOf(path.join(directory, folder))) {
      if (!TELLING.test(name)) continue;
      const relative = path.join(folder, name);
      const text = await textOf(path.join(directory, relative), LARGEST_FILE_BYTES);
      if (text !== null) files.set(relative.replaceAll("\\", "/"), text);
    }
  }
  await readSources(directory, files);
  return files;
};
