/**
 * Cuts GitHub's OpenAPI description down to what the stand-in for GitHub serves: test/support/github/openapi.json.
 *
 *     node scripts/github/cut-openapi.ts [api.github.com.json]
 *
 * Without a file the newest `@octokit/openapi` is packed into a temporary folder (385 MB unpacked, which is why it is no dependency).
 * Schemas keep GitHub's words and references; only what validates nothing goes: descriptions, titles, examples.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVED } from "../../test/support/github/served.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const TARGET = join(import.meta.dirname, "../../test/support/github/openapi.json");
const METHODS = ["get", "put", "post", "patch", "delete"];
const WORDS = new Set([
  "description",
  "title",
  "summary",
  "example",
  "examples",
  "externalDocs",
  "x-github",
  "tags",
]);

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** @param names whether the keys of `json` are names (of properties, schemas), which may be called `title` too. */
const withoutWords = (json: Json, names = false): Json => {
  if (Array.isArray(json)) return json.map((item: Json) => withoutWords(item));
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => names || !WORDS.has(key))
      .map(([key, value]) => [key, withoutWords(value, !names && key === "properties")]),
  );
};

const lookUp = (document: JsonObject, reference: string): Json => {
  let found: Json = document;
  for (const step of reference.slice(2).split("/")) {
    found = isObject(found) ? (found[step] ?? null) : null;
  }
  if (found === null) throw new Error(`${reference} is not in the description`);
  return found;
};

/** References that `json` needs, and those that these need. */
const collect = (document: JsonObject, json: Json, into: Map<string, Json>): void => {
  if (Array.isArray(json)) for (const item of json as readonly Json[]) collect(document, item, into);
  if (!isObject(json)) return;
  const reference = json["$ref"];
  if (typeof reference === "string" && !into.has(reference)) {
    const found = withoutWords(lookUp(document, reference));
    into.set(reference, found);
    collect(document, found, into);
  }
  for (const value of Object.values(json)) collect(document, value, into);
};

const cut = (document: JsonObject): JsonObject => {
  const paths: Record<string, Record<string, Json>> = {};
  const wanted = new Set<string>(SERVED);
  const references = new Map<string, Json>();
  for (const [path, item] of Object.entries(document["paths"] as JsonObject)) {
    for (const method of METHODS) {
      const operation = isObject(item) ? item[method] : undefined;
      if (!isObject(operation) || !wanted.delete(JSON.stringify(operation["operationId"]).slice(1, -1)))
        continue;
      const kept = withoutWords(operation);
      (paths[path] ??= {})[method] = kept;
      collect(document, kept, references);
    }
  }
  if (wanted.size > 0) throw new Error(`not in the description: ${[...wanted].join(", ")}`);
  const components: Record<string, Record<string, Json>> = {};
  for (const [reference, json] of [...references].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [kind = "", name = ""] = reference.slice("#/components/".length).split("/");
    (components[kind] ??= {})[name] = json;
  }
  const { version } = document["info"] as { version: string };
  return {
    openapi: document["openapi"] ?? null,
    info: { source: "@octokit/openapi, generated/api.github.com.json", version },
    paths,
    components,
  };
};

const unpacked = (folder: string): string => {
  execFileSync("npm", ["pack", "--silent", "@octokit/openapi", "--pack-destination", folder]);
  const [archive = ""] = readdirSync(folder);
  const inside = "package/generated/api.github.com.json";
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder, inside]);
  return join(folder, inside);
};

const folder = mkdtempSync(join(tmpdir(), "cut-openapi-"));
try {
  const source = process.argv[2] ?? unpacked(folder);
  const text = JSON.stringify(cut(JSON.parse(readFileSync(source, "utf8")) as JsonObject));
  writeFileSync(TARGET, `${text}\n`);
  process.stdout.write(`${TARGET}: ${(text.length / 1024).toFixed(0)} KiB\n`);
} finally {
  rmSync(folder, { recursive: true });
}
