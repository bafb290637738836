/** Events in few words, so that a whole log can be compared at a glance: `12:2.31`, `13:NaN`, `saved@12`, `skipped@?`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { ReadLine } from "../../../../src/core/job/progress/reader.ts";
import type { ProgressEvent } from "../../../../src/core/job/progress-event.ts";

const inWords = (event: ProgressEvent): string =>
  event.type === "step" ? `${event.step}:${event.loss ?? "?"}` : `${event.type}@${event.step ?? "?"}`;

export const told = (read: ReadLine, ...lines: readonly string[]): string =>
  lines
    .flatMap((line) => read(line))
    .map(inWords)
    .join(" ");

/** A recorded log as a runtime hands it over: split at line feeds, control codes gone. */
export const recorded = (name: string): readonly string[] =>
  readFileSync(path.join(import.meta.dirname, "fixtures", `${name}.txt`), "utf8")
    .split("\n")
    .map((line) => stripVTControlCharacters(line.replace(/\r$/, "")));
