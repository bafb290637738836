import type { Profile, RecoveryRecord, WindowRecord } from "../profile.ts";
import type { Timeline, TimelineEntry } from "./entry.ts";

const MOST_ENTRIES = 200;
/** Of these, so that windows always have room. */
const MOST_EVENTS = 100;

const windowKey = ({ scenario, round }: Pick<WindowRecord, "scenario" | "round">): string =>
  JSON.stringify([scenario, round]);

/**
 * A kill's moment is when the process died of it; where that was not seen (a paused process, say) its window's start. A round that was
 * repeated has its kills in its last window; deaths before that window are those of its first try.
 */
const kills = ({ windows, deaths, recoveries }: Profile): readonly TimelineEntry[] => {
  const indexOf = new Map(
    windows.flatMap((window, index) =>
      window.phase === "load" ? [[windowKey(window), index] as const] : [],
    ),
  );
  const injectedIn = Map.groupBy(
    deaths.filter(({ injected }) => injected),
    ({ window }) => window,
  );
  return [...Map.groupBy(recoveries, windowKey)].flatMap(([key, records]) => {
    const index = indexOf.get(key);
    const startMs = index === undefined ? undefined : windows[index]?.startMs;
    if (index === undefined || startMs === undefined) return [];
    const died = (injectedIn.get(index) ?? [])
      .map(({ atMs }) => atMs)
      .filter((atMs) => atMs >= startMs)
      .sort((a, b) => a - b);
    return records.map(
      ({ scenario, round, signal, recoveryMs, watchedMs }: RecoveryRecord, place): TimelineEntry => ({
        event: "kill",
        scenario,
        round,
        atMs: died[place] ?? startMs,
        signal,
        recoveryMs,
        watchedMs,
      }),
    );
  });
};

const ownDeaths = ({ windows, deaths }: Profile): readonly TimelineEntry[] =>
  deaths
    .filter(({ injected }) => !injected)
    .map(({ name, atMs, window, exitCode, signal }) => ({
      event: "death",
      scenario: windows[window]?.scenario ?? null,
      atMs,
      process: name,
      exitCode,
      signal,
    }));

const unsettled = ({ windows }: Profile): readonly TimelineEntry[] =>
  windows
    .filter(({ phase, invalid }) => phase === "settle" && invalid !== undefined)
    .map(({ scenario, round, startMs, durationMs }) => ({
      event: "not-settled",
      scenario,
      round,
      atMs: startMs,
      durationMs,
    }));

const trials = ({ trials: all = [] }: Profile): readonly TimelineEntry[] =>
  [...Map.groupBy(all, ({ scenario }) => scenario)].map(([scenario, windows]) => {
    const atMs = windows.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
    const endMs = windows.reduce(
      (most, { startMs, durationMs }) => Math.max(most, startMs + durationMs),
      atMs,
    );
    return { event: "trials", scenario, atMs, durationMs: endMs - atMs, windows: windows.length };
  });

const policies = ({ policyRuns = [] }: Profile): readonly TimelineEntry[] =>
  policyRuns.map(({ scenario, policy, startMs, durationMs, actions }) => ({
    event: "policy",
    scenario,
    policy,
    atMs: startMs,
    durationMs,
    actions: actions.length,
  }));

/** Windows under faults; first rounds first, so that each experiment is there before any is twice. */
const faults = ({ windows, scenarios }: Profile): readonly TimelineEntry[] => {
  const calm = new Set(scenarios.filter(({ shape }) => shape === "control").map(({ name }) => name));
  return windows
    .filter(({ phase, scenario }) => phase === "load" && !calm.has(scenario))
    .map(({ scenario, round, startMs, durationMs, invalid }) => ({
      event: "fault" as const,
      scenario,
      round,
      atMs: startMs,
      durationMs,
      ...(invalid === undefined ? {} : { invalid }),
    }))
    .sort((a, b) => a.round - b.round);
};

/** What a post-mortem tells of a run's course: at most 200 entries. Null: the run has no windows under faults. */
export const timelineOf = (profile: Profile): Timeline | null => {
  const events = [
    ...ownDeaths(profile),
    ...unsettled(profile),
    ...kills(profile),
    ...trials(profile),
    ...policies(profile),
  ];
  const kept = events.slice(0, MOST_EVENTS);
  const windows = faults(profile);
  const entries = [...kept, ...windows.slice(0, MOST_ENTRIES - kept.length)].sort((a, b) => a.atMs - b.atMs);
  if (entries.length === 0) return null;
  return { entries, leftOut: events.length + windows.length - entries.length };
};
