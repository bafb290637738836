/** How a Python service is started, by where its application object stands. */
import { isSource } from "./places.ts";

const APPLICATION =
  /^([A-Za-z_]\w{0,40})\s?(?::\s?\w{1,40}\s?)?=\s?(?:\w{1,40}\.)?(FastAPI|Starlette|Flask|Quart)\(/m;
const PORT = ["--port", "{{port}}"] as const;

/** "src/app/main.py" as a module, and the directory that its name counts from. */
const moduleOf = (path: string): { readonly module: string; readonly root: string | null } | null => {
  const parts = path.replace(/\.py$/, "").split(/[\\/]/);
  const root = parts[0] === "src" && parts.length > 1 ? "src" : null;
  const names = root === null ? parts : parts.slice(1);
  if (!names.every((name) => /^[A-Za-z_]\w{0,60}$/.test(name))) return null;
  return { module: (names.at(-1) === "__init__" ? names.slice(0, -1) : names).join("."), root };
};

/** Words and the file they come from, or null where no application object is seen. */
export const pythonStart = (
  files: ReadonlyMap<string, string>,
): { readonly words: readonly string[]; readonly seenIn: string } | null => {
  for (const [path, text] of files) {
    if (!path.endsWith(".py") || !isSource(path)) continue;
    const match = APPLICATION.exec(text);
    const place = moduleOf(path);
    if (match === null || place === null || place.module === "") continue;
    const [, name = "", framework = ""] = match;
    const target = `${place.module}:${name}`;
    const words = /^(?:FastAPI|Starlette|Quart)$/.test(framework)
      ? [
          "python",
          "-m",
          "uvicorn",
          target,
          ...(place.root === null ? [] : ["--app-dir", place.root]),
          "--host",
          "127.0.0.1",
          ...PORT,
        ]
      : ["python", "-m", "flask", "--app", target, "run", ...PORT];
    // Flask has no directory option: what lies below src must be installed, and then its name counts from there.
    return { words, seenIn: path };
  }
  return null;
};

/** A module that serves by the standard library, and is meant to be run. */
export const pythonMain = (
  files: ReadonlyMap<string, string>,
): { readonly words: readonly string[]; readonly seenIn: string } | null => {
  for (const [path, text] of files) {
    if (!path.endsWith(".py") || !isSource(path) || !/HTTPServer\(|serve_forever|app\.run\(/.test(text))
      continue;
    const place = moduleOf(path);
    if (place === null || place.root !== null || place.module === "") continue;
    const inPackage = place.module.includes(".");
    return { words: ["python", ...(inPackage ? ["-m", place.module] : [path])], seenIn: path };
  }
  return null;
};
