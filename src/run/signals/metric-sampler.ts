/** Prometheus endpoints of the service's replicas, read beside the load. */

import { type SeriesSum, sumSeries } from "../../core/signals/prometheus.ts";
import type { Signal, SignalSample, SignalSource } from "../../core/signals/signal.ts";
import type { RunningSystem } from "../ports.ts";
import { boundedText } from "./bounded-text.ts";
import { LOOK_INTERVAL_MS } from "./look-interval.ts";

export type MetricSource = Extract<SignalSource, { readonly type: "metric" }>;

/** At one replica: when a counter was last read, and where it stood. */
interface Mark {
  readonly atMs: number;
  readonly sum: number;
}

interface Watched {
  readonly source: MetricSource;
  readonly samples: SignalSample[];
  /** By replica. */
  readonly marks: Map<string, Mark>;
  /** A series that fits was there once. */
  seen: boolean;
}

/** One replica's part: a value, or growth per second since it was last read; null: none. */
const partOf = (
  { source, marks }: Watched,
  url: string,
  atMs: number,
  { sum, series }: SeriesSum,
): number | null => {
  // A counter with labels is born with its first event, so that none is zero; one that is garbage is not.
  const value = source.counter && series === 0 ? 0 : sum;
  if (value === null || !source.counter) return value;
  const before = marks.get(url);
  marks.set(url, { atMs, sum: value });
  if (before === undefined || before.atMs >= atMs) return null;
  // Smaller than before: the process is a new one, and counted from 0.
  const growth = value >= before.sum ? value - before.sum : value;
  return (1000 * growth) / (atMs - before.atMs);
};

/** Reads all metrics of one path, at every replica in one go, until disposed. A read that is still on its way is not begun again. */
export class MetricSampler implements AsyncDisposable {
  readonly #watched: ReadonlyMap<string, Watched>;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | null = null;
  #answered = false;

  /** @param signals those of this path, by name */
  constructor(
    system: Pick<RunningSystem, "serviceUrls">,
    path: string,
    signals: ReadonlyMap<string, MetricSource>,
    runStartMs: number,
  ) {
    this.#watched = new Map(
      [...signals].map(([name, source]) => [name, { source, samples: [], marks: new Map(), seen: false }]),
    );
    this.#timer = setInterval(() => {
      this.#reading ??= this.#read(system.serviceUrls, path, Date.now() - runStartMs).finally(() => {
        this.#reading = null;
      });
    }, LOOK_INTERVAL_MS);
  }

  async #read(urls: readonly string[], path: string, atMs: number): Promise<void> {
    const watched = [...this.#watched.values()];
    const queries = watched.map(({ source }) => source);
    const replicas = await Promise.all(
      urls.map(async (url) => ({ url, text: await boundedText(url + path) })),
    );
    const parts = watched.map((): number[] => []);
    for (const { url, text } of replicas) {
      if (text === null) continue;
      this.#answered = true;
      sumSeries(text, queries).forEach((sum, place) => {
        const each = watched[place];
        if (each === undefined) return;
        each.seen ||= sum.series > 0;
        const part = partOf(each, url, atMs, sum);
        if (part !== null) parts[place]?.push(part);
      });
    }
    watched.forEach(({ samples }, place) => {
      const own = parts[place] ?? [];
      samples.push({ atMs, value: own.length === 0 ? null : own.reduce((sum, part) => sum + part, 0) });
    });
  }

  samplesOf({ name }: Signal): readonly SignalSample[] {
    return this.#watched.get(name)?.samples ?? [];
  }

  /** Why a signal has nothing to tell; null: it has. */
  whyNothing({ name }: Signal): string | null {
    if (!this.#answered) return "its path never gave a text of metrics";
    return this.#watched.get(name)?.seen === true
      ? null
      : "no series of this name and these labels was there";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
  }
}
