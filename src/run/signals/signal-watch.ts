/** All signals that a suite names, watched through one run. Nothing here stops or fails it. */
import { readLogPattern } from "../../config/log-pattern.ts";
import { pathSamples } from "../../core/signals/noticed.ts";
import type { Signal, SignalRecord, SignalSample } from "../../core/signals/signal.ts";
import type { ServiceSpec } from "../../core/suite.ts";
import type { RunningSystem } from "../ports.ts";
import type { HealthLook } from "../samplers.ts";
import { countLogLines } from "./log-signal.ts";
import { MetricSampler, type MetricSource } from "./metric-sampler.ts";
import { PathSampler } from "./path-sampler.ts";

const SERVICE = /^service(-\d+)?$/;
const NEVER: () => boolean = () => false;

type Watching = Pick<RunningSystem, "serviceUrls" | "logFiles">;

const metricsByPath = (
  signals: readonly Signal[],
): ReadonlyMap<string, ReadonlyMap<string, MetricSource>> => {
  const paths = new Map<string, Map<string, MetricSource>>();
  for (const { name, source } of signals) {
    if (source.type !== "metric") continue;
    const own = paths.get(source.path) ?? new Map<string, MetricSource>();
    paths.set(source.path, own.set(name, source));
  }
  return paths;
};

/** Its samplers run from its making until it is disposed. */
export class SignalWatch implements AsyncDisposable {
  readonly #signals: readonly Signal[];
  readonly #system: Watching;
  readonly #runStartMs: number;
  /** By path. */
  readonly #metrics: ReadonlyMap<string, MetricSampler>;
  readonly #paths: ReadonlyMap<string, PathSampler>;
  /** By signal; empty until the logs were read. */
  readonly #lines = new Map<string, readonly SignalSample[]>();

  constructor(system: Watching, { signals = [] }: Pick<ServiceSpec, "signals">, runStartMs: number) {
    this.#signals = signals;
    this.#system = system;
    this.#runStartMs = runStartMs;
    this.#metrics = new Map(
      [...metricsByPath(signals)].map(([path, own]) => [
        path,
        new MetricSampler(system, path, own, runStartMs),
      ]),
    );
    const paths = signals.flatMap(({ source }) =>
      source.type === "path" && source.watchedAs === undefined ? [source.path] : [],
    );
    this.#paths = new Map(
      [...new Set(paths)].map((path) => [path, new PathSampler(system, path, runStartMs)]),
    );
  }

  /**
   * When nothing more is measured: counts the log's lines.
   *
   * @returns what a person should know of signals that have nothing to tell
   */
  async readLogs(): Promise<readonly string[]> {
    const logs = this.#signals.flatMap(({ name, source }) =>
      source.type === "log" ? [{ name, pattern: readLogPattern(source.pattern) }] : [],
    );
    const files = this.#system.logFiles.filter(({ name }) => SERVICE.test(name)).map(({ path }) => path);
    if (logs.length > 0) {
      const counted = await countLogLines(
        files,
        logs.map(({ pattern }) => (pattern.ok ? pattern.value : NEVER)),
        { runStartMs: this.#runStartMs, endMs: Date.now() },
      );
      logs.forEach(({ name }, place) => this.#lines.set(name, counted[place] ?? []));
    }
    return this.#signals.flatMap((signal) => {
      const why = this.#whyNothing(signal);
      return why === null ? [] : [`Signal ${signal.name} has nothing to tell: ${why}.`];
    });
  }

  #whyNothing(signal: Signal): string | null {
    switch (signal.source.type) {
      case "path":
        return null;
      case "metric":
        return this.#metrics.get(signal.source.path)?.whyNothing(signal) ?? null;
      case "log":
        return this.#lines.get(signal.name)?.some(({ value }) => value !== null) === true
          ? null
          : "no log of the service could be read";
    }
  }

  /** @param looks at health and ready paths, of this run so far */
  records(looks: readonly HealthLook[]): readonly SignalRecord[] {
    return this.#signals.map((signal) => ({ signal, samples: this.#samplesOf(signal, looks) }));
  }

  #samplesOf(signal: Signal, looks: readonly HealthLook[]): readonly SignalSample[] {
    const { source, name } = signal;
    switch (source.type) {
      case "path":
        return source.watchedAs === undefined
          ? (this.#paths.get(source.path)?.samples ?? [])
          : pathSamples(looks.filter(({ path }) => path === source.watchedAs?.[0]));
      case "metric":
        return this.#metrics.get(source.path)?.samplesOf(signal) ?? [];
      case "log":
        return this.#lines.get(name) ?? [];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#metrics.values(), ...this.#paths.values()].map((each) => each[Symbol.asyncDispose]()),
    );
  }
}
