/** What processes logged in given spans of time: one pass over each file, memory bounded by the spans. */
import { datedLines } from "./signals/dated-lines.ts";

/** Epoch ms, both ends included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LoggedLine {
  readonly process: string;
  /** Epoch ms. */
  readonly atMs: number;
  readonly text: string;
}

/** Time for all files of a run. */
const PATIENCE_MS = 10_000;
const BUCKET_MS = 1000;
/** A request's deadline is minutes at most; the clock of a process may be far off all the same. */
const MOST_BUCKETS = 3600;
const TROUBLE =
  /error|exception|traceback|fatal|panic|fail|warn|time[sd]? ?out|refused|reset|unavailable|denied|broken|abort|retry/i;

/** The last lines of trouble, and the last of the others. */
class Collector {
  readonly #most: number;
  readonly #trouble: LoggedLine[] = [];
  readonly #others: LoggedLine[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(line: LoggedLine): void {
    const lines = TROUBLE.test(line.text) ? this.#trouble : this.#others;
    lines.push(line);
    if (lines.length > this.#most) lines.shift();
  }

  /** In the order of their times. */
  lines(): readonly LoggedLine[] {
    const room = this.#most - this.#trouble.length;
    const others = room > 0 ? this.#others.slice(-room) : [];
    return [...this.#trouble, ...others].sort((a, b) => a.atMs - b.atMs);
  }
}

/** Which spans a second of the epoch may lie in. */
const bySecond = (spans: readonly Span[]): ReadonlyMap<number, readonly number[]> => {
  const buckets = new Map<number, number[]>();
  spans.forEach(({ fromMs, toMs }, place) => {
    const first = Math.floor(fromMs / BUCKET_MS);
    const last = Math.min(Math.floor(toMs / BUCKET_MS), first + MOST_BUCKETS);
    for (let second = first; second <= last; second++) {
      const own = buckets.get(second) ?? [];
      own.push(place);
      buckets.set(second, own);
    }
  });
  return buckets;
};

/**
 * Lines of the processes themselves, control codes in them.
 *
 * @param most lines of each span: the last that tell of trouble, then the last others
 * @param patienceMs after which what was not read stays so
 * @returns for each span its lines by time; a file that cannot be read has none
 */
export const linesWithin = async (
  files: readonly { readonly name: string; readonly path: string }[],
  spans: readonly Span[],
  most: number,
  patienceMs = PATIENCE_MS,
): Promise<readonly (readonly LoggedLine[])[]> => {
  const collectors = spans.map(() => new Collector(most));
  const buckets = bySecond(spans);
  const giveUpMs = performance.now() + patienceMs;
  for (const { name, path } of spans.length === 0 ? [] : files) {
    try {
      for await (const { atMs, stream, text } of datedLines(path)) {
        if (performance.now() > giveUpMs) break;
        if (stream === "squall" || text.trim() === "") continue;
        for (const place of buckets.get(Math.floor(atMs / BUCKET_MS)) ?? []) {
          const span = spans[place];
          if (span !== undefined && atMs >= Math.floor(span.fromMs) && atMs <= span.toMs)
            collectors[place]?.add({ process: name, atMs, text });
        }
      }
    } catch {
      // What was read of it counts.
    }
  }
  return collectors.map((collector) => collector.lines());
};
