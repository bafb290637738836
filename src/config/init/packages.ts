import type { FoundDependency } from "./findings.ts";
import { safeWords } from "./findings.ts";

const OPENAI: Omit<FoundDependency, "seenIn"> = {
  name: "llm",
  offer: { type: "stub", stub: "openai" },
  env: { OPENAI_BASE_URL: "{{llm}}/v1", OPENAI_API_KEY: "test-key" },
};
const ANTHROPIC: Omit<FoundDependency, "seenIn"> = {
  name: "anthropic",
  offer: { type: "stub", stub: "anthropic" },
  env: { ANTHROPIC_BASE_URL: "{{anthropic}}", ANTHROPIC_API_KEY: "test-key" },
};
export const REDIS: Omit<FoundDependency, "seenIn"> = {
  name: "redis",
  offer: { type: "tcp", port: 6379 },
  env: { REDIS_URL: "redis://{{redis}}" },
};
export const POSTGRES: Omit<FoundDependency, "seenIn"> = {
  name: "postgres",
  offer: { type: "tcp", port: 5432 },
  env: { DATABASE_URL: "postgres://{{postgres}}/app" },
};
export const QDRANT: Omit<FoundDependency, "seenIn"> = {
  name: "vector",
  offer: { type: "http", port: 6333 },
  env: { QDRANT_URL: "{{vector}}" },
};

/** Libraries by whose presence a dependency is known, in npm and in Python. */
const LIBRARIES: readonly (readonly [RegExp, Omit<FoundDependency, "seenIn">])[] = [
  [
    /^(openai|@ai-sdk\/openai|@langchain\/openai|langchain[-_]openai|litellm|llama[-_]index.*|@azure\/openai)$/,
    OPENAI,
  ],
  [
    /^(anthropic|@anthropic-ai\/sdk|@ai-sdk\/anthropic|@langchain\/anthropic|langchain[-_]anthropic)$/,
    ANTHROPIC,
  ],
  [/^(redis|ioredis|aioredis|bullmq|celery)$/, REDIS],
  [/^(pg|postgres|psycopg|psycopg2(-binary)?|asyncpg|@prisma\/client|sqlalchemy)$/, POSTGRES],
  [/^(@qdrant\/js-client-rest|qdrant[-_]client)$/, QDRANT],
];

/** The dependencies that a list of library names points at, each once. */
export const dependenciesOfLibraries = (names: readonly string[], seenIn: string): FoundDependency[] =>
  LIBRARIES.flatMap(([pattern, dependency]) =>
    names.some((name) => pattern.test(name.toLowerCase())) ? [{ ...dependency, seenIn }] : [],
  );

const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export interface PackageFacts {
  readonly words?: readonly string[];
  readonly libraries: readonly string[];
}

/** package.json: how it is started, and what it uses. Null where it is no JSON object. */
export const readPackageJson = (text: string): PackageFacts | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const manifest = asMap(value);
  const libraries = Object.keys({
    ...asMap(manifest["dependencies"]),
    ...asMap(manifest["devDependencies"]),
  });
  const start = asMap(manifest["scripts"])["start"];
  const main = manifest["main"];
  // Only plain node commands are taken apart: anything else finds its programs through npm.
  const direct = typeof start === "string" ? safeWords(start) : null;
  if (direct?.[0] === "node") return { words: direct, libraries };
  if (typeof start === "string") return { words: ["npm", "start"], libraries };
  const words =
    typeof main === "string" && /^[\w./-]{1,100}\.[cm]?[jt]s$/.test(main) ? ["node", main] : undefined;
  return words === undefined ? { libraries } : { words, libraries };
};

const PORT = ["--port", "{{port}}"] as const;

/** requirements.txt or pyproject.toml: names of libraries, by lines and quoted requirements; TOML is not parsed. */
export const readPython = (text: string, file: string): PackageFacts => {
  const lines = text.slice(0, 200_000).split(/\r?\n/);
  const requirement = /^([A-Za-z0-9][\w.-]{0,60})/;
  const names = file.endsWith(".toml")
    ? lines.flatMap((line) => [
        ...[
          ...line.matchAll(/["']([A-Za-z0-9][\w.-]{0,60})(?:\[[\w,\s-]*\])?\s*(?:[<>=!~;@ ][^"']*)?["']/g),
        ].map((match) => match[1] ?? ""),
        /^\s*([A-Za-z0-9][\w.-]{0,60})\s*=\s*["'{]/.exec(line)?.[1] ?? "",
      ])
    : lines.map((line) => requirement.exec(line.trim())?.[1] ?? "");
  const libraries = [...new Set(names.map((name) => name.toLowerCase()).filter((name) => name !== ""))];
  const uses = (name: string): boolean => libraries.includes(name);
  if (uses("uvicorn") || uses("fastapi") || uses("starlette"))
    return { words: ["python", "-m", "uvicorn", "main:app", "--host", "127.0.0.1", ...PORT], libraries };
  if (uses("flask")) return { words: ["python", "-m", "flask", "run", ...PORT], libraries };
  return { libraries };
};
