/**
 * Spawns a step of the Action as GitHub's runner does: inputs as INPUT_*, defaults from action.yml, the event as a file, answers
 * by GITHUB_OUTPUT, GITHUB_STATE and GITHUB_STEP_SUMMARY.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";

const ROOT = path.resolve(import.meta.dirname, "../../..");

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly main: string; readonly post: string };
}

export interface Step {
  readonly which?: "main" | "post";
  readonly inputs?: Readonly<Record<string, string>>;
  readonly eventName: string;
  readonly event: unknown;
  /** What `${{ github.token }}` is. */
  readonly token: string;
  /** Checkout that the step works in. */
  readonly workspace: string;
  /** "owner/name". */
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  readonly apiUrl: string;
  readonly runId?: number;
  readonly attempt?: number;
  /** Of `main`, for `post`. */
  readonly state?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Annotation {
  readonly level: "error" | "warning" | "notice" | "debug";
  readonly title: string;
  readonly file: string;
  readonly line: string;
  readonly message: string;
}

export interface StepEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Values that the runner would mask from here on. */
  readonly masked: readonly string[];
  readonly log: string;
}

export interface RunningStep {
  readonly child: ChildProcess;
  /** Resolves with the first line of the log that holds the text. */
  readonly line: (text: string) => Promise<string>;
  readonly end: Promise<StepEnd>;
}

const unescapeData = (text: string): string =>
  text.replaceAll("%0A", "\n").replaceAll("%0D", "\r").replaceAll("%25", "%");
const unescapeProperty = (text: string): string =>
  unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

const COMMAND = /^::([\w-]+)(?: ([^:]*))?::(.*)$/;

const commandsIn = (log: string) =>
  log.split("\n").flatMap((line) => {
    const [, name, properties = "", data = ""] = COMMAND.exec(line) ?? [];
    if (name === undefined) return [];
    const values = Object.fromEntries(
      properties.split(",").map((each) => {
        const at = each.indexOf("=");
        return [each.slice(0, at), unescapeProperty(each.slice(at + 1))];
      }),
    );
    return [{ name, values, data: unescapeData(data) }];
  });

/** `name<<delimiter`, lines, `delimiter`: what the toolkit writes. */
const valuesIn = (text: string): Record<string, string> => {
  const values: Record<string, string> = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^(.+?)<<(ghadelimiter_.+)$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    values[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return values;
};

const LEVELS = ["error", "warning", "notice", "debug"] as const;

/** What a hosted runner has in its environment beside what it says of the job. */
const machine = (): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? tmpdir(),
  CI: "true",
  GITHUB_ACTIONS: "true",
  RUNNER_OS: "Linux",
});

const inputsOf = (action: ActionFile, step: Step): Record<string, string> =>
  Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: otherwise = "" }]) => [
      `INPUT_${name.toUpperCase()}`,
      step.inputs?.[name] ?? otherwise.replace("${{ github.token }}", step.token),
    ]),
  );

export const startStep = async (step: Step): Promise<RunningStep> => {
  const action = parse(await readFile(path.join(ROOT, "action.yml"), "utf8")) as ActionFile;
  const folder = await mkdtemp(path.join(tmpdir(), "squall-runner-"));
  const place = (name: string): string => path.join(folder, name);
  for (const name of ["output", "state", "summary"]) await writeFile(place(name), "");
  await writeFile(place("event.json"), JSON.stringify(step.event));
  const state = Object.fromEntries(
    Object.entries(step.state ?? {}).map(([name, value]) => [`STATE_${name}`, value]),
  );
  const child = spawn(process.execPath, [path.join(ROOT, action.runs[step.which ?? "main"])], {
    cwd: step.workspace,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...machine(),
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: step.workspace,
      GITHUB_REPOSITORY: step.repository,
      GITHUB_EVENT_NAME: step.eventName,
      GITHUB_EVENT_PATH: place("event.json"),
      GITHUB_SHA: step.sha,
      GITHUB_REF: step.ref,
      GITHUB_RUN_ID: String(step.runId ?? 1000),
      GITHUB_RUN_ATTEMPT: String(step.attempt ?? 1),
      // A name that the toolkit takes for GitHub's own: any other is an enterprise server without artifacts.
      GITHUB_SERVER_URL: "http://squall.localhost",
      GITHUB_API_URL: step.apiUrl,
      GITHUB_OUTPUT: place("output"),
      GITHUB_STATE: place("state"),
      GITHUB_STEP_SUMMARY: place("summary"),
      ...inputsOf(action, step),
      ...state,
      ...step.env,
    },
  });
  let log = "";
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => (log += `${line}\n`));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString("utf8")));
  const end = (async (): Promise<StepEnd> => {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    const commands = commandsIn(log);
    const ended: StepEnd = {
      code,
      signal,
      outputs: valuesIn(await readFile(place("output"), "utf8")),
      state: valuesIn(await readFile(place("state"), "utf8")),
      summary: await readFile(place("summary"), "utf8"),
      annotations: commands.flatMap(({ name, values, data }) => {
        const level = LEVELS.find((each) => each === name);
        return level === undefined
          ? []
          : [
              {
                level,
                title: values["title"] ?? "",
                file: values["file"] ?? "",
                line: values["line"] ?? "",
                message: data,
              },
            ];
      }),
      masked: commands.filter(({ name }) => name === "add-mask").map(({ data }) => data),
      log,
    };
    await rm(folder, { recursive: true, force: true });
    return ended;
  })();
  return {
    child,
    end,
    line: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = log.split("\n").find((each) => each.includes(text));
          if (found !== undefined) resolve(found);
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        look();
        void end.then(() => reject(new Error(`ended before it said "${text}":\n${log}`)));
      }),
  };
};

export const runStep = async (step: Step): Promise<StepEnd> => (await startStep(step)).end;
