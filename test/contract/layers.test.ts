/** The import direction of ARCHITECTURE.md, walked file by file: what the lint rule says, proved without the linter. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";

const SRC = path.resolve(import.meta.dirname, "../../src");

/** Rooms a room may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ["core"],
  run: ["core", "config"],
  sidecar: ["core"],
  "adapters/runtimes": ["core", "config", "run"],
  "adapters/engines": ["core", "config", "run"],
  "adapters/load": ["core", "config", "run"],
  "adapters/baselines": ["core", "config", "run"],
  "adapters/github": ["core", "config", "run"],
  "adapters/git": ["core", "config", "run"],
  surfaces: [
    "core",
    "config",
    "run",
    "sidecar",
    "adapters/runtimes",
    "adapters/engines",
    "adapters/load",
    "adapters/baselines",
    "adapters/github",
    "adapters/git",
  ],
};

const roomOf = (file: string): string => {
  const [first = "", second = ""] = path.relative(SRC, file).split(path.sep);
  return first === "adapters" ? `${first}/${second}` : first;
};

/** Static and dynamic imports, re-exports, and types. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((match) => match[1] as string);

const forbidden = (file: string, text: string): string[] => {
  const room = roomOf(file);
  const allowed = ALLOWED[room];
  if (allowed === undefined) return [`${path.relative(SRC, file)} is in no room of the house`];
  return importsOf(text).flatMap((target) => {
    if (room === "core" && target.startsWith("node:"))
      return [`${path.relative(SRC, file)} imports ${target}: core is pure`];
    if (!target.startsWith(".")) return [];
    const to = path.resolve(path.dirname(file), target);
    if (!to.startsWith(SRC))
      return room === "surfaces" ? [] : [`${path.relative(SRC, file)} imports ${target} outside src`];
    const other = roomOf(to);
    return other === room || allowed.includes(other)
      ? []
      : [`${path.relative(SRC, file)} imports ${path.relative(SRC, to)}`];
  });
};

test("every import goes up the list of rooms", async () => {
  const files = (await Array.fromAsync(glob("**/*.ts", { cwd: SRC }))).map((name) => path.join(SRC, name));
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => forbidden(file, readFileSync(file, "utf8")))).toEqual([]);
});

test("the walk sees what it must refuse", () => {
  expect(forbidden(path.join(SRC, "core/x.ts"), 'import { a } from "../run/ports.ts";')).toHaveLength(1);
  expect(forbidden(path.join(SRC, "core/x.ts"), 'import fs from "node:fs";')).toHaveLength(1);
  expect(
    forbidden(path.join(SRC, "sidecar/x.ts"), 'const a = await import("../config/suite.ts");'),
  ).toHaveLength(1);
  expect(
    forbidden(path.join(SRC, "adapters/load/x.ts"), 'export { a } from "../engines/sidecar.ts";'),
  ).toHaveLength(1);
  expect(forbidden(path.join(SRC, "elsewhere/x.ts"), "")).toHaveLength(1);
});
