/** Commands of squall in documents, and those that there are: by the program's own help. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { type Block, ROOT } from "./blocks.ts";

const MAIN = path.join(ROOT, "src/surfaces/cli/main.ts");

const help = async (args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [MAIN, ...args, "--help"])).stdout;

/** By the command's name (empty: none), every flag that it takes. */
export const knownCommands = async (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const flagsIn = (text: string): ReadonlySet<string> =>
    new Set(
      [...text.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) =>
        [short ?? [], long ?? []].flat(),
      ),
    );
  const top = await help([]);
  const [, listed = ""] = top.split("\nCommands:\n");
  const names = [...listed.matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "help");
  const of = await Promise.all(names.map(async (name) => [name, flagsIn(await help([name]))] as const));
  return new Map([["", flagsIn(top)], ...of]);
};

export interface ShownCommand {
  readonly block: Block;
  readonly text: string;
  /** Empty: flags alone. */
  readonly name: string;
  readonly flags: readonly string[];
}

const SHELL = new Set(["sh", "bash", "console", "", "inline"]);

/** Every `squall ...` at the start of a line of a shell block, or of code inside of a sentence. */
export const shownCommands = (block: Block): readonly ShownCommand[] => {
  if (!SHELL.has(block.language)) return [];
  return block.text.split("\n").flatMap((line) => {
    const text = /^(?:\$ )?squall( [a-z-].*)?$/
      .exec(line)?.[1]
      ?.replace(/\s#.*$/, "")
      .trim();
    // A workflow's name or an accepting line in a description is no command: "squall: accept ...".
    if (text === undefined || text === "") return [];
    // What stands in quotes is a value; what stands in brackets may be left out, and is a flag all the same.
    const words = text
      .replaceAll(/"[^"]*"|'[^']*'/g, "value")
      .replaceAll(/[[\]]/g, "")
      .split(/\s+/);
    const name = words[0]?.startsWith("-") === false ? words[0] : "";
    const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0] ?? word);
    return [{ block, text, name, flags }];
  });
};
