/**
 * The worst requests of a run, kept with what happened on every edge while the sidecar's records are at hand: later there are only
 * sums of them.
 *
 *   stretch's records + observations --add--> worst of each window --requests--> worst of each scenario --readLogs, exhibits--> Profile
 */
import { stripVTControlCharacters } from "node:util";
import { type ExchangeRecord, requestKey } from "../core/exchange.ts";
import {
  type ExhibitCall,
  type ExhibitLine,
  MOST_EXHIBIT_CALLS,
  MOST_EXHIBIT_LINES,
  type RequestExhibit,
} from "../core/exhibit.ts";
import type { Observation } from "../core/observation.ts";
import { isFailure, isUnscored } from "../core/outcome.ts";
import type { WindowRecord } from "../core/profile.ts";
import { redactLine, redactUrl } from "../core/redaction.ts";
import { linesWithin, type Span } from "./exhibit-lines.ts";
import type { Stretch } from "./plan/plan.ts";
import type { RunningSystem } from "./ports.ts";
import type { StretchOutcome } from "./run-stretch.ts";

const MOST_OF_A_SCENARIO = 3;
const MOST_SCENARIOS = 100;
const LONGEST_PATH = 200;
const LONGEST_LINE = 300;
/** Methods, names of edges and faults: honest ones are far shorter. */
const LONGEST_NAME = 200;
/** A process writes of a request when it has answered, and a line is dated when it is read. */
const LOG_MARGIN_MS = 100;

interface Kept {
  readonly observation: Observation;
  /** Epoch ms of its scheduled instant. */
  readonly scheduledAtMs: number;
  /** All that bear its key, in the order in which they ended. */
  readonly records: ExchangeRecord[];
  log: readonly ExhibitLine[];
}

interface KeptWindow {
  readonly record: WindowRecord;
  readonly kept: readonly Kept[];
}

const keyOf = ({ requestId, repetition }: Observation): string => requestKey(requestId, repetition);

/** Longest first; ties in the order in which they were sent. */
const byLatency = (a: Observation, b: Observation): number =>
  b.latencyMs - a.latencyMs || a.window - b.window || a.slot - b.slot;

/** A failure's place among those of its outcome, by latency, from 0. */
const placesInOutcome = (failed: readonly Observation[]): ReadonlyMap<Observation, number> =>
  new Map(
    [...Map.groupBy(failed, ({ outcome }) => outcome).values()].flatMap((same) =>
      same.toSorted(byLatency).map((each, place) => [each, place] as const),
    ),
  );

/**
 * Failures first, the longest of each outcome before the second of any; then the slowest good ones. What says nothing of the service
 * (`isUnscored`) is in neither. The worst of a whole are among the worst of its parts.
 */
export const worstOf = (observations: readonly Observation[], most: number): readonly Observation[] => {
  const scored = observations.filter(({ outcome }) => !isUnscored(outcome));
  const failed = scored.filter(({ outcome }) => isFailure(outcome));
  const places = placesInOutcome(failed);
  const spread = failed.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0) || byLatency(a, b));
  const good = scored.filter(({ outcome }) => !isFailure(outcome)).toSorted(byLatency);
  return [...spread, ...good].slice(0, most);
};

const inHundredths = (ms: number): number => Math.round(ms * 100) / 100;

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;

const callOf = (record: ExchangeRecord, fromMs: number, secrets: readonly string[]): ExhibitCall => ({
  edge: cut(record.edge, LONGEST_NAME),
  method: cut(record.method, LONGEST_NAME),
  path: cut(redactUrl(record.path, secrets), LONGEST_PATH),
  status: record.status,
  startMs: inHundredths(record.startedMs - fromMs),
  firstByteMs: record.firstByteMs === null ? null : inHundredths(record.firstByteMs - fromMs),
  endMs: inHundredths(record.endedMs - fromMs),
  end: record.end,
  attributedBy: record.attributedBy,
  attempt: record.attempt,
  faults: record.faults.slice(0, 100).map((id) => cut(id, LONGEST_NAME)),
});

/** Collects what the stretches bring. A repeated window replaces its first try. */
export class Exhibits {
  readonly #secrets: readonly string[];
  readonly #runStartMs: number;
  readonly #windows = new Map<number, KeptWindow>();
  /** By request key. */
  readonly #kept = new Map<string, Kept>();

  /**
   * @param runStartMs epoch ms
   * @param secrets names of headers and query values beyond those that are known (`Suite.redact`)
   */
  constructor(runStartMs: number, secrets: readonly string[] = []) {
    this.#runStartMs = runStartMs;
    this.#secrets = secrets;
  }

  add(stretch: Pick<Stretch, "windows">, outcome: StretchOutcome): void {
    const rows = Map.groupBy(outcome.observations, ({ window }) => window);
    stretch.windows.forEach(({ index }, place) => {
      const record = outcome.windows[place];
      if (record === undefined) return;
      for (const { observation } of this.#windows.get(index)?.kept ?? [])
        this.#kept.delete(keyOf(observation));
      const kept = this.#worstOfWindow(record, rows.get(index) ?? []);
      this.#windows.set(index, { record, kept });
      for (const each of kept) this.#kept.set(keyOf(each.observation), each);
    });
    // A call that outlives its client is told of with a later stretch.
    for (const record of outcome.records) {
      if (record.requestKey !== null) this.#kept.get(record.requestKey)?.records.push(record);
    }
  }

  #worstOfWindow({ startMs, guardMs }: WindowRecord, rows: readonly Observation[]): readonly Kept[] {
    const scored = rows.filter(({ scheduledMs }) => scheduledMs >= guardMs);
    return worstOf(scored, MOST_OF_A_SCENARIO).map((observation) => ({
      observation,
      scheduledAtMs: this.#runStartMs + startMs + observation.scheduledMs,
      records: [],
      log: [],
    }));
  }

  /** The worst of each scenario, out of windows that count where there are any. */
  #chosen(): readonly Kept[] {
    const scenarios = Map.groupBy(this.#windows.values(), ({ record }) => record.scenario);
    return [...scenarios.values()].slice(0, MOST_SCENARIOS).flatMap((windows) => {
      const valid = windows.filter(({ record }) => record.invalid === undefined);
      const kept = (valid.length === 0 ? windows : valid).flatMap((window) => window.kept);
      const own = new Map(kept.map((each) => [each.observation, each]));
      return worstOf([...own.keys()], MOST_OF_A_SCENARIO).flatMap((worst) => own.get(worst) ?? []);
    });
  }

  /** Once, when nothing is added any more. A log that cannot be read has no lines. */
  async readLogs(files: RunningSystem["logFiles"]): Promise<void> {
    const chosen = this.#chosen();
    const spans = chosen.map(
      ({ scheduledAtMs, observation }): Span => ({
        fromMs: scheduledAtMs,
        toMs: scheduledAtMs + observation.latencyMs + LOG_MARGIN_MS,
      }),
    );
    const lines = await linesWithin(files, spans, MOST_EXHIBIT_LINES);
    chosen.forEach((kept, place) => {
      kept.log = (lines[place] ?? []).map(({ process, atMs, text }) => ({
        process,
        atMs: inHundredths(atMs - kept.scheduledAtMs),
        line: cut(redactLine(stripVTControlCharacters(text), this.#secrets), LONGEST_LINE),
      }));
    });
  }

  /** Windows by their index in the plan. */
  exhibits(): readonly RequestExhibit[] {
    return this.#chosen().map(({ observation, scheduledAtMs, records, log }) => {
      const calls = records.toSorted((a, b) => a.startedMs - b.startedMs || a.sequence - b.sequence);
      return {
        window: observation.window,
        slot: observation.slot,
        calls: calls
          .slice(0, MOST_EXHIBIT_CALLS)
          .map((record) => callOf(record, scheduledAtMs, this.#secrets)),
        leftOut: Math.max(0, calls.length - MOST_EXHIBIT_CALLS),
        log,
      };
    });
  }
}
