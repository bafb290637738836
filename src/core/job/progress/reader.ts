/**
 * A job's output, read for its progress:
 *
 *   line --split at carriage returns--> the format's reader --own patterns in place of its kinds--> ProgressEvent[]
 *
 * Events are told as the lines tell them: a step that is done again after a restart is told again, and a step whose loss a progress bar
 * shows later is told first without it. One reader goes with a run, over its restarts.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { JOB_LOG_FORMATS, type JobLogFormat } from "../workload.ts";
import { hfTrainerReader } from "./hf-trainer.ts";
import { jsonlReader } from "./jsonl.ts";
import { lightningReader } from "./lightning.ts";
import { megatronReader } from "./megatron.ts";
import { nanogptReader } from "./nanogpt.ts";
import { overflow } from "./overflow.ts";
import type { JobMatchers, MatchMark, ReadLine } from "./read-line.ts";
import { torchtitanReader } from "./torchtitan.ts";

export type { JobMatchers, MatchMark, MatchStep, ReadLine } from "./read-line.ts";

/** More of a line, or of a drawing of a progress bar, is not read. */
const LONGEST_LINE = 4096;

const READERS: Readonly<Record<JobLogFormat, () => ReadLine>> = {
  megatron: megatronReader,
  torchtitan: torchtitanReader,
  nanogpt: nanogptReader,
  "hf-trainer": hfTrainerReader,
  lightning: lightningReader,
  jsonl: jsonlReader,
};

interface Format {
  readonly format: JobLogFormat;
  readonly read: ReadLine;
}

/** Megatron counts its skipped iterations itself. */
const withOverflow = ({ format, read }: Format): ReadLine =>
  format === "megatron" ? read : (line) => [...read(line), ...overflow(line)];

/** Bars without a title are anybody's, so that one alone does not tell the Trainer. */
const fits = (format: JobLogFormat, events: readonly ProgressEvent[]): boolean =>
  events.some((event) => event.type === "step" && (format !== "hf-trainer" || event.loss !== null));

/** Every format reads along until a step tells which of them it is; until then the first that makes something of a line is believed. */
const autoReader = (): ReadLine => {
  const formats: readonly Format[] = JOB_LOG_FORMATS.map((format) => ({ format, read: READERS[format]() }));
  let kept: ReadLine | null = null;
  return (line) => {
    if (kept !== null) return kept(line);
    const told = formats.map((format) => ({ format, events: format.read(line) }));
    const found = told.find(({ format, events }) => fits(format.format, events));
    if (found !== undefined) kept = withOverflow(found.format);
    const events = (found ?? told.find((one) => one.events.length > 0))?.events ?? [];
    return found?.format.format === "megatron" ? events : [...events, ...overflow(line)];
  };
};

const KINDS = ["loaded", "saving", "saved", "skipped"] as const;

const mark = (
  type: (typeof KINDS)[number],
  match: MatchMark | undefined,
  line: string,
): readonly ProgressEvent[] => {
  const found = match?.(line) ?? null;
  return found === null ? [] : [{ type, step: found.step }];
};

const ownEvents = (line: string, own: JobMatchers): readonly ProgressEvent[] => {
  const step = own.step?.(line) ?? null;
  return [
    ...KINDS.flatMap((kind) => mark(kind, own[kind], line)),
    ...(step === null ? [] : [{ type: "step", ...step } as const]),
  ];
};

/** @param own stand in for what the format tells of the same kind */
export const lineReader = (
  source: { readonly format: JobLogFormat | "auto" },
  own: JobMatchers,
): ReadLine => {
  const { format } = source;
  const read = format === "auto" ? autoReader() : withOverflow({ format, read: READERS[format]() });
  return (line) =>
    line
      .split("\r")
      .map((part) => part.slice(0, LONGEST_LINE))
      .filter((part) => part !== "")
      .flatMap((part) => [
        ...read(part).filter((event) => own[event.type] === undefined),
        ...ownEvents(part, own),
      ]);
};
