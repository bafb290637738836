import { readCommand } from "../command.ts";
import type { FoundMark } from "./code.ts";
import type { NeededVariable } from "./needed.ts";

/** Something the service calls, as far as its files tell. */
export interface FoundDependency {
  /** Safe as a dependency's name. */
  readonly name: string;
  /** How the proposal offers it: a stub works at once, the rest must run first and is offered as a comment. */
  readonly offer:
    | { readonly type: "stub"; readonly stub: "openai" | "anthropic" }
    /** `runs`: an example or a default has it on this machine, so that it is named at once. */
    | { readonly type: "tcp"; readonly port: number; readonly runs?: true }
    | { readonly type: "http"; readonly port: number; readonly runs?: true };
  /** Variables by which libraries usually find it. Values may hold {{name}}. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it was seen: "package.json", a file of ours to name in a comment. */
  readonly seenIn: string;
}

/** A compose file that runtime docker can run: its service under test, and what that calls. */
export interface FoundCompose {
  /** Safe as a path in a suite. */
  readonly file: string;
  readonly service: string;
  /** Of the service; where it is not just one, the suite must say which. */
  readonly ports: readonly number[];
  /** `port` only where the file does not tell it. */
  readonly dependencies: readonly {
    readonly name: string;
    readonly protocol: "http" | "tcp";
    readonly port?: number;
  }[];
  /** Names under which the same things would be offered otherwise. */
  readonly replaced: readonly string[];
}

/** What the files of a repository say. Every text in here has passed `safeWords`, `safePath` or a pattern. */
export interface Findings {
  readonly command?: { readonly words: readonly string[]; readonly seenIn: string };
  /** A Dockerfile is there, and no compose file that says more. */
  readonly build?: true;
  readonly compose?: FoundCompose;
  readonly port?: number;
  readonly ready?: string;
  readonly dependencies: readonly FoundDependency[];
  /** Further variables that it does not start without. */
  readonly needed: readonly NeededVariable[];
  /** How its answers mark a fallback. */
  readonly mark?: FoundMark;
  readonly notes: readonly string[];
}

const LONGEST_COMMAND = 1000;

/**
 * Words of a start command that may be written into a suite: `$PORT` becomes {{port}}; what needs a shell, holds
 * control characters or our own {{…}} is not taken.
 */
export const safeWords = (command: unknown): readonly string[] | null => {
  const reading = readCommand(command);
  if (!reading.ok) return null;
  const words = reading.value.map((word) => word.replaceAll(/\$PORT\b|\$\{PORT(:-\d{1,5})?\}/g, "\u0000"));
  const text = words.join(" ");
  if (text.length > LONGEST_COMMAND || /[$`]|\{\{/.test(text)) return null;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text.replaceAll("\u0000", ""))) return null;
  return words.map((word) => word.replaceAll("\u0000", "{{port}}"));
};

/** A port of 1 to 65535, or null. */
export const safePort = (value: unknown): number | null => {
  const port = Number(value);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
};

/** A plain URL path, or null. */
export const safePath = (value: string): string | null =>
  /^\/[A-Za-z0-9._~/-]{0,200}$/.test(value) ? value : null;

/** In order of preference. */
const READY_PATHS = [
  "/readyz",
  "/ready",
  "/health/ready",
  "/healthz",
  "/health",
  "/livez",
  "/ping",
  "/api/health",
];

/** The best of several paths for readiness, or undefined. */
export const readyAmong = (paths: readonly string[]): string | undefined =>
  READY_PATHS.find((path) => paths.includes(path));
