/** Would the service's owner have noticed? Which faults its own signals showed, and after how long. Pure: profile in, figures out. */
import type { HealthSample, Profile } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import { FEWEST_CALM_LOOKS, type Look, type Shows, showsOf } from "./calm-limits.ts";
import type { NoticedScenario, SignalResult } from "./result.ts";
import type { Signal, SignalRecord } from "./signal.ts";
import { type Belonging, type Span, Spans, spansOf } from "./spans.ts";

const PATHS = ["health", "ready"] as const;

/** The worst answer of several replicas: none before any other, then what is not 2xx. */
export const worstStatus = (statuses: readonly number[]): number => {
  const bad = statuses.filter((status) => status < 200 || status >= 300);
  return bad.length > 0 ? Math.min(...bad) : (statuses[0] ?? 0);
};

/** Looks at a health or ready path as a signal's: those at all replicas in one go are one. */
export const pathSamples = (
  looks: readonly Pick<HealthSample, "atMs" | "status">[],
): SignalRecord["samples"] =>
  [...Map.groupBy(looks, ({ atMs }) => atMs)].map(([atMs, group]) => ({
    atMs,
    value: worstStatus(group.map(({ status }) => status)),
  }));

/** Named signals, and the suite's health and ready paths where none of them is that path. */
const recordsOf = ({ signals = [], health }: Profile): readonly SignalRecord[] => {
  const names = new Set(signals.map(({ signal }) => signal.name));
  const named = (path: (typeof PATHS)[number]): boolean =>
    signals.some(
      ({ signal: { source } }) => source.type === "path" && source.watchedAs?.includes(path) === true,
    );
  const others = PATHS.filter((path) => !named(path)).flatMap((path): readonly SignalRecord[] => {
    const looks = health.filter((look) => look.path === path);
    if (looks.length === 0) return [];
    const name = names.has(path) ? `${path} path` : path;
    const source = { type: "path" as const, path: `the ${path} path`, watchedAs: [path] };
    return [{ signal: { name, source }, samples: pathSamples(looks) }];
  });
  return [...others, ...signals];
};

/** "GET /healthz", 'metric errors_total{code="503"} at /metrics, growth per second', "log lines /ERROR/" */
export const describeSignal = ({ source }: Signal): string => {
  switch (source.type) {
    case "path":
      return source.path.startsWith("/") ? `GET ${source.path}` : source.path;
    case "log":
      return `log lines /${source.pattern}/`;
    case "metric": {
      const { metric, labels, path, counter, above, below } = source;
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return [
        `metric ${metric}${pairs.length === 0 ? "" : `{${pairs.join(", ")}}`} at ${path}`,
        ...(counter ? ["growth per second"] : []),
        ...(above === undefined ? [] : [`above ${above}`]),
        ...(below === undefined ? [] : [`below ${below}`]),
      ].join(", ");
    }
  }
};

/** Values that could be read; of counters and logs as events per second, with the time they are of. */
const looksOf = ({ signal: { source }, samples }: SignalRecord): readonly Look[] => {
  const read = samples.flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }]));
  const overTime = source.type === "log" || (source.type === "metric" && source.counter);
  if (!overTime) return read.map(({ atMs, value }) => ({ atMs, fromMs: atMs, value }));
  let readMs: number | null = null;
  return samples.flatMap(({ atMs, value }, place): readonly Look[] => {
    const fromMs = readMs ?? samples[place - 1]?.atMs;
    if (value === null) return [];
    readMs = atMs;
    if (fromMs === undefined || fromMs >= atMs) return [];
    const rate = source.type === "log" ? (1000 * value) / (atMs - fromMs) : value;
    return [{ atMs, fromMs, value: rate }];
  });
};

interface Placed extends Belonging {
  readonly look: Look;
  readonly showing: boolean;
}

interface Judged {
  readonly record: SignalRecord;
  readonly looks: readonly Placed[];
  readonly untold: string | null;
  readonly falselyShown: number;
}

const judgeSignal = (record: SignalRecord, spans: Spans): Judged => {
  const looks = looksOf(record).map((look) => ({ look, ...spans.belonging(look) }));
  const calm = looks.filter((each) => each.calm !== null);
  // Behind faults that last, hardly any calm is free of their tails; then all of it says what calm is.
  const clean = calm.filter(({ touched }) => touched.length === 0);
  const shows: Shows | null = showsOf(
    record.signal,
    (clean.length >= FEWEST_CALM_LOOKS ? clean : calm).map(({ look }) => look),
  );
  const untold =
    looks.length === 0
      ? "it could not be read"
      : shows === null
        ? `fewer than ${FEWEST_CALM_LOOKS} looks at calm traffic`
        : null;
  const placed = looks.map((each) => ({ ...each, showing: shows?.(each.look) ?? false }));
  return { record, looks: placed, untold, falselyShown: episodes(placed) };
};

/** Runs of calm looks that show; looks further apart than this are two. */
const EPISODE_GAP_MS = 2000;

const episodes = (looks: readonly Placed[]): number => {
  let count = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { look, showing, calm, touched } of looks) {
    if (calm === null || touched.length > 0) continue;
    if (!showing) lastMs = Number.NEGATIVE_INFINITY;
    else {
      if (look.atMs - lastMs > EPISODE_GAP_MS) count += 1;
      lastMs = look.atMs;
    }
  }
  return count;
};

/** ms of calm windows that no fault's tail reaches into. */
const cleanCalmMs = (spans: readonly Span[]): number => {
  const faults = spans.filter(({ calm }) => !calm);
  return spans
    .filter(({ calm, counts }) => calm && counts)
    .reduce((sum, { startMs, endMs }) => {
      const reached = faults.filter((fault) => fault.startMs < startMs).map(({ tailEndMs }) => tailEndMs);
      return sum + Math.max(0, endMs - Math.max(startMs, ...reached));
    }, 0);
};

/** Faults in the order of the profile's scenarios, with those of their windows that count. */
const faultsOf = (
  profile: Profile,
  spans: readonly Span[],
): readonly (readonly [string, readonly Span[]])[] =>
  profile.scenarios
    .filter(({ shape }) => shape !== "control")
    .map(({ name }) => [name, spans.filter(({ scenario, counts }) => scenario === name && counts)] as const)
    .filter(([, own]) => own.length > 0);

const harmedShare = (spans: readonly Span[]): number => {
  const requests = spans.reduce((sum, span) => sum + span.requests, 0);
  return requests === 0 ? 0 : spans.reduce((sum, span) => sum + span.harmed, 0) / requests;
};

const underFault = (looks: readonly Placed[], scenario: string, own: readonly Span[]): NoticedScenario => {
  const delays = own.flatMap((span) => {
    const first = looks.find(({ fault, showing }) => showing && fault === span);
    return first === undefined ? [] : [Math.max(0, first.look.atMs - span.startMs)];
  });
  return {
    scenario,
    windows: own.length,
    shown: delays.length,
    medianDelayMs: medianOf(delays),
    harmedShare: harmedShare(own),
  };
};

/** A fault through which no signal showed. */
export interface SilentScenario {
  readonly scenario: string;
  readonly windows: number;
  /** Windows in which no signal showed at all, nor in their tails. */
  readonly silent: number;
  readonly harmedShare: number;
}

export interface Noticed {
  readonly results: readonly SignalResult[];
  readonly scenarios: readonly SilentScenario[];
}

/** @returns no results where nothing was looked at */
export const noticed = (profile: Profile): Noticed => {
  const records = recordsOf(profile);
  if (records.length === 0) return { results: [], scenarios: [] };
  const spans = spansOf(profile);
  const byTime = new Spans(spans);
  const judged = records.map((record) => judgeSignal(record, byTime));
  const faults = faultsOf(profile, spans);
  const calmMs = cleanCalmMs(spans);
  const all = judged.filter(({ untold }) => untold === null).flatMap(({ looks }) => looks);
  const looked = new Set(all.map(({ fault }) => fault));
  const shown = new Set(all.filter(({ showing }) => showing).flatMap(({ touched }) => touched));
  return {
    results: judged.map(({ record, looks, untold, falselyShown }) => ({
      signal: record.signal.name,
      description: describeSignal(record.signal),
      samples: looks.length,
      ...(untold === null ? {} : { untold }),
      falselyShown,
      calmMs,
      scenarios: faults.map(([scenario, own]) => underFault(looks, scenario, own)),
    })),
    scenarios: faults.map(([scenario, own]) => ({
      scenario,
      windows: own.length,
      silent: own.filter((span) => looked.has(span) && !shown.has(span)).length,
      harmedShare: harmedShare(own),
    })),
  };
};

/** One for each of the service's signals: named ones, and its health and ready paths. Empty: nothing was looked at. */
export const signalResults = (profile: Profile): readonly SignalResult[] => noticed(profile).results;
