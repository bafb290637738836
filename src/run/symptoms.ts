/** What a recovery policy sees of each second while a window runs. */
import type { ExchangeRecord } from "../core/exchange.ts";
import type { ProcessSample } from "../core/profile.ts";
import type { PlaceSymptoms, Symptoms } from "../core/recovery-policy/rule.ts";
import { quantileOf } from "../core/statistics/quantile.ts";
import type { RunningSystem } from "./ports.ts";

export interface SymptomSources {
  readonly system: Pick<RunningSystem, "sidecar" | "fingerprint">;
  readonly dependencies: readonly string[];
  /**
   * Usage of all processes so far, oldest first, times from the run's start: asked of the sampler, because to ask the runtime is to begin a
   * new interval.
   */
  readonly samples: () => readonly ProcessSample[];
  /** ms from the run's start. */
  readonly now: () => number;
}

/** A sample older than that is not of this second: its process is gone. */
const STALE_MS = 2500;

/** As `edgeSeconds` counts: a client that hung up has not been answered either. */
const isError = ({ status, end }: ExchangeRecord): boolean =>
  status >= 400 || status === 0 || end !== "complete";

/** Of calls that ended in the second; null: none did. */
const edgeFigures = (records: readonly ExchangeRecord[]): Pick<PlaceSymptoms, "errorRate" | "p95Ms"> => {
  if (records.length === 0) return { errorRate: null, p95Ms: null };
  return {
    errorRate: records.filter(isError).length / records.length,
    p95Ms: quantileOf(
      records.map(({ startedMs, endedMs }) => endedMs - startedMs),
      0.95,
    ),
  };
};

const largest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.max(...values);

/** A limit kept by turns of running and standing still is overstepped in single seconds; a share above 1 says no more than 1. */
const shareOf = (used: number, limit: number): number => Math.min(1, used / limit);

/** Busiest and largest of the processes, as shares of what each may use: of the machine, where nothing limits it. */
const usageFigures = (
  newest: readonly ProcessSample[],
  { cpus, memoryBytes: machineBytes }: RunningSystem["fingerprint"],
): Pick<PlaceSymptoms, "cpu" | "memory"> => ({
  cpu: largest(newest.map(({ cpu, cpuLimit = cpus }) => shareOf(cpu, cpuLimit))),
  memory: largest(
    newest.map(({ memoryBytes, memoryLimitBytes = machineBytes }) => shareOf(memoryBytes, memoryLimitBytes)),
  ),
});

/** Newest sample of each process that still gives some. */
const newestOf = (samples: readonly ProcessSample[], nowMs: number): readonly ProcessSample[] => {
  const newest = new Map<string, ProcessSample>();
  for (let place = samples.length - 1; place >= 0; place--) {
    const sample = samples[place];
    if (sample === undefined || sample.atMs < nowMs - STALE_MS) break;
    if (!newest.has(sample.name)) newest.set(sample.name, sample);
  }
  return [...newest.values()];
};

/** Reads a second at a time, from its making on. */
export const symptomReader = ({
  system,
  dependencies,
  samples,
  now,
}: SymptomSources): (() => Promise<Symptoms>) => {
  const follow = system.sidecar.followRecords();
  return async () => {
    const [records, { open }] = await Promise.all([follow(), system.sidecar.active()]);
    const newest = newestOf(samples(), now());
    const placeOf = (edge: string, isOurs: (name: string) => boolean): PlaceSymptoms => ({
      ...usageFigures(
        newest.filter(({ name }) => isOurs(name)),
        system.fingerprint,
      ),
      ...edgeFigures(records.filter((record) => record.edge === edge)),
      inFlight: open[edge] ?? null,
    });
    const service = placeOf("client", (name) => /^service(-\d+)?$/.test(name));
    if (dependencies.length === 0) return service;
    const of = dependencies.map((name) => [name, placeOf(name, (process) => process === name)]);
    return { ...service, of: Object.fromEntries(of) as Readonly<Record<string, PlaceSymptoms>> };
  };
};
