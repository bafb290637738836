/** A small project with a real service, and the command line run in it as a process of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const ROOT = path.resolve(import.meta.dirname, "../../..");
/** The command line as source, and as it is shipped. */
export const SOURCE = path.join(ROOT, "src/surfaces/cli/main.ts");
export const SHIPPED = path.join(ROOT, "dist/squall.mjs");

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves with the first line of standard error that holds the text; rejects where it leaves before. */
  readonly line: (text: string) => Promise<string>;
  readonly left: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface TinyProject extends AsyncDisposable {
  readonly directory: string;
  /** Runs a command to its end. */
  readonly squall: (...args: readonly string[]) => Promise<Answer>;
  /** Starts a command and leaves it running. */
  readonly start: (...args: readonly string[]) => Running;
}

const suite = (experiments: readonly string[], gate: string, more = ""): string => `version: 1
name: tiny
service: { command: node service.mjs, ready: /healthz, health: /healthz, env: { LLM_URL: "{{llm}}" } }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
${experiments.map((experiment) => `  - ${experiment}`).join("\n")}
gate: { maxLagP99: 2s, ${gate} }
${more}`;

export interface ProjectOptions {
  /** Experiments as flow mappings of YAML. */
  readonly experiments: readonly string[];
  /** Further keys of `gate`. */
  readonly gate: string;
  /** Further lines of the suite. */
  readonly more?: string;
  /** The program that is run: SOURCE unless said. */
  readonly main?: string;
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: "1" });

/** Runs a command line in a directory, to its end. */
export const runIn = (main: string, cwd: string, args: readonly string[]): Promise<Answer> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { cwd, env: environment(), maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const failed = typeof error?.code === "number" ? error.code : -1;
        resolve({ code: error === null ? 0 : failed, stdout, stderr });
      },
    );
    // Standard input stays open and silent: a command that asks would wait for ever.
    child.stdin?.on("error", () => undefined);
  });

export const start = (main: string, cwd: string, args: readonly string[]): Running => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const seen: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => seen.push(line));
  const left = once(child, "exit").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const line = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = seen.find((each) => each.includes(text));
        if (found !== undefined) resolve(found);
      };
      look();
      lines.on("line", look);
      void left.then(() => reject(new Error(`left before it said "${text}":\n${seen.join("\n")}`)));
    });
  return { child, line, left };
};

/** Writes the project into a directory of its own; disposing removes it. */
export const tinyProject = async ({
  experiments,
  gate,
  more,
  main = SOURCE,
}: ProjectOptions): Promise<TinyProject> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-tiny-"));
  await cp(path.resolve(import.meta.dirname, "../fixtures/service.mjs"), path.join(directory, "service.mjs"));
  const requests = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({
      id: `q${index}`,
      method: "GET",
      path: `/ask?q=what+is+the+answer+to+question+${index}`,
    }),
  );
  await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
  await writeFile(path.join(directory, "squall.yml"), suite(experiments, gate, more));
  return {
    directory,
    squall: (...args) => runIn(main, directory, args),
    start: (...args) => start(main, directory, args),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
};
