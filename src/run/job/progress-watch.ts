/** Where a job's progress is read while it runs: lines of its first worker, a file that grows, or its metrics. */
import { stripVTControlCharacters } from "node:util";
import { jobMatchers } from "../../config/job/patterns.ts";
import { jsonlReader } from "../../core/job/progress/jsonl.ts";
import { metricsReader } from "../../core/job/progress/metrics.ts";
import { lineReader } from "../../core/job/progress/reader.ts";
import type { ProgressEvent } from "../../core/job/progress-event.ts";
import type { ProgressSource } from "../../core/job/workload.ts";
import { processName } from "../../core/process-name.ts";
import { boundedText } from "../signals/bounded-text.ts";
import { FileNews } from "./file-news.ts";
import type { JobControl, OutputLine } from "./job-ports.ts";

export type OnProgressEvents = (events: readonly ProgressEvent[], atEpochMs: number) => void;

export interface ProgressWatch extends AsyncDisposable {
  line(line: OutputLine): void;
  /** Looks once more at a file or an endpoint, now; resolves when what was there is told. */
  look(): Promise<void>;
}

const FILE_INTERVAL_MS = 100;
const METRICS_INTERVAL_MS = 250;

const noLines = (): void => undefined;

/** Looks at intervals, one look at a time. */
const looking = (intervalMs: number, look: () => Promise<void>): ProgressWatch => {
  let last: Promise<void> = Promise.resolve();
  let waiting = false;
  const next = (): Promise<void> => {
    last = last.then(look);
    return last;
  };
  const timer = setInterval(() => {
    // A look that takes longer than the interval is not followed by a queue of others.
    if (waiting) return;
    waiting = true;
    void next().finally(() => {
      waiting = false;
    });
  }, intervalMs);
  return {
    line: noLines,
    look: next,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await last;
    },
  };
};

const watchOutput = (
  source: Extract<ProgressSource, { type: "output" }>,
  told: OnProgressEvents,
): ProgressWatch => {
  const read = lineReader({ format: source.format }, jobMatchers(source.patterns));
  const first = processName(0);
  return {
    line: ({ name, text, atMs }) => {
      if (name !== first) return;
      told(read(stripVTControlCharacters(text)), atMs);
    },
    look: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
};

/** From its making until it is disposed. */
export const watchProgress = (
  source: ProgressSource,
  job: JobControl,
  told: OnProgressEvents,
): ProgressWatch => {
  switch (source.type) {
    case "output":
      return watchOutput(source, told);
    case "file": {
      const read = jsonlReader();
      const news = new FileNews();
      return looking(FILE_INTERVAL_MS, async () => {
        // A file that cannot be read just now is looked at again.
        const text = await job.readFile(source.directory, source.path).catch(() => null);
        const atMs = Date.now();
        for (const line of news.take(text)) told(read(line), atMs);
      });
    }
    case "metrics": {
      const { step, loss, path } = source;
      const read = metricsReader(loss === undefined ? { step } : { step, loss });
      return looking(METRICS_INTERVAL_MS, async () => {
        const page = await boundedText(job.metricsUrl + path);
        if (page !== null) told(read(page), Date.now());
      });
    }
  }
};
