/** What earlier runs teach: symptoms, what was done about them, and whether the service recovered. */
import type { Profile } from "../profile.ts";
import type { Remedy } from "../remedy/remedy.ts";
import type { RemedyTrial } from "../remedy/trial.ts";
import { medianOf } from "../statistics/quantile.ts";
import { remedyText } from "./remedy-text.ts";
import type { PlaceSymptoms, PolicyAction, PolicyRun, Symptoms } from "./rule.ts";

export interface RecoveryCase {
  readonly scenario: string;
  /** Of the run; absent: measured outside of git. */
  readonly commit?: string;
  readonly symptoms: Symptoms;
  /** Done together, one a kind and place, in order of their text; none: nothing was done. */
  readonly remedies: readonly Remedy[];
  readonly recovered: boolean;
}

/** Seconds before an action that show what it was an answer to. */
const SECONDS_BEFORE = 3;
/** A trial that brought back so much of what the fault cost counts as recovered. */
const RESTORED_SHARE = 0.8;

const FIGURES = ["cpu", "memory", "errorRate", "p95Ms", "inFlight"] as const;

const medianPlace = (places: readonly PlaceSymptoms[]): PlaceSymptoms => {
  const [cpu = null, memory = null, errorRate = null, p95Ms = null, inFlight = null] = FIGURES.map((figure) =>
    medianOf(places.flatMap((place) => place[figure] ?? [])),
  );
  return { cpu, memory, errorRate, p95Ms, inFlight };
};

/** Median of each figure over the seconds in which it was known. */
export const medianSymptoms = (seconds: readonly Symptoms[]): Symptoms => {
  const names = [...new Set(seconds.flatMap(({ of = {} }) => Object.keys(of)))];
  const service = medianPlace(seconds);
  if (names.length === 0) return service;
  const of = names.map((name) => [name, medianPlace(seconds.flatMap((second) => second.of?.[name] ?? []))]);
  return { ...service, of: Object.fromEntries(of) as Readonly<Record<string, PlaceSymptoms>> };
};

/** Of one kind on one place the strongest that stood: cores given twice are given as often as both say, of others the last holds. */
export const combined = (remedies: readonly Remedy[]): readonly Remedy[] => {
  const byPlace = new Map<string, Remedy>();
  for (const remedy of remedies) {
    const key = JSON.stringify([remedy.on, remedy.kind]);
    const before = byPlace.get(key);
    const multiplies = remedy.kind === "more-cpu" || remedy.kind === "more-memory";
    byPlace.set(
      key,
      multiplies && before?.kind === remedy.kind ? { ...remedy, times: before.times * remedy.times } : remedy,
    );
  }
  return [...byPlace.values()].toSorted((a, b) => (remedyText(a) < remedyText(b) ? -1 : 1));
};

/** What stood when the service was well again, or at the window's end. */
const stoodAt = (actions: readonly PolicyAction[], atMs: number): readonly PolicyAction[] =>
  actions.filter(
    ({ atMs: doneMs, undoneMs, failed }) =>
      failed === undefined && doneMs <= atMs && (undoneMs === undefined || undoneMs > atMs),
  );

/** @param idle the same experiment with nothing done */
const caseOfRun = (run: PolicyRun, idle: PolicyRun | undefined): Omit<RecoveryCase, "commit"> | null => {
  const { scenario, recoveryMs, durationMs, symptoms, actions } = run;
  if (run.invalid !== undefined) return null;
  // What kept harm away is known to have done so where there was harm without it.
  const prevented = recoveryMs === 0;
  if (prevented && (idle === undefined || idle.invalid !== undefined || idle.recoveryMs === 0)) return null;
  const recovered = recoveryMs !== null;
  const stood = stoodAt(actions, prevented || recoveryMs === null ? durationMs : recoveryMs);
  const first = stood[0];
  // What was well again before anything was done teaches nothing of what was done.
  if (first === undefined && run.policy !== "none") return null;
  const before =
    first === undefined
      ? symptoms.slice(0, Math.ceil((recoveryMs ?? durationMs) / 1000))
      : symptoms.slice(0, Math.round(first.atMs / 1000)).slice(-SECONDS_BEFORE);
  if (before.length === 0) return null;
  return {
    scenario,
    symptoms: medianSymptoms(before),
    remedies: combined(stood.map(({ remedy }) => remedy)),
    recovered,
  };
};

const within = (atMs: number, { startMs, durationMs }: RemedyTrial): boolean =>
  atMs >= startMs && atMs < startMs + durationMs;

/** Busiest of the service's processes in a trial, as shares of what they may use. */
const trialUsage = (
  { processes, fingerprint }: Profile,
  trial: RemedyTrial,
): Pick<PlaceSymptoms, "cpu" | "memory"> => {
  const samples = processes.filter(({ name, atMs }) => /^service(-\d+)?$/.test(name) && within(atMs, trial));
  if (samples.length === 0) return { cpu: null, memory: null };
  return {
    cpu: medianOf(samples.map(({ cpu, cpuLimit }) => cpu / (cpuLimit ?? fingerprint.cpus))),
    memory: medianOf(
      samples.map(
        ({ memoryBytes, memoryLimitBytes }) => memoryBytes / (memoryLimitBytes ?? fingerprint.memoryBytes),
      ),
    ),
  };
};

const lateShare = ({ figures }: RemedyTrial): number => figures.late / Math.max(1, figures.requests);

/** Trials of one scenario against its own window without a remedy. */
const casesOfTrials = (profile: Profile, trials: readonly RemedyTrial[]): Omit<RecoveryCase, "commit">[] => {
  const counted = trials.filter(({ invalid, figures }) => invalid === undefined && figures.requests > 0);
  const struck = counted.find(({ phase, remedy }) => phase === "fault" && remedy === null);
  const calm = counted.find(({ phase, remedy }) => phase === "calm" && remedy === null);
  if (struck === undefined) return [];
  const lost = lateShare(struck) - (calm === undefined ? 0 : lateShare(calm));
  if (lost <= 0) return [];
  const { requests, errors, p95Ms } = struck.figures;
  const symptoms = {
    ...trialUsage(profile, struck),
    errorRate: errors / requests,
    p95Ms,
    inFlight: null,
  };
  return counted.flatMap((trial) =>
    trial.phase === "calm" || trial.remedy === null
      ? []
      : [
          {
            scenario: trial.scenario,
            symptoms,
            remedies: [trial.remedy],
            recovered: (lateShare(struck) - lateShare(trial)) / lost >= RESTORED_SHARE,
          },
        ],
  );
};

/** All cases of earlier runs, oldest first. */
export const recoveryCases = (profiles: readonly Profile[]): readonly RecoveryCase[] =>
  profiles.flatMap((profile) => {
    const { policyRuns = [], provenance } = profile;
    const { commit } = provenance;
    const idleOf = (run: PolicyRun): PolicyRun | undefined =>
      policyRuns.find(({ scenario, policy }) => scenario === run.scenario && policy === "none");
    const trials = Map.groupBy(profile.trials ?? [], ({ scenario }) => scenario);
    const found = [
      ...policyRuns.flatMap((run) => caseOfRun(run, idleOf(run)) ?? []),
      ...[...trials.values()].flatMap((each) => casesOfTrials(profile, each)),
    ];
    return found.map((one) => (commit === undefined ? one : { ...one, commit }));
  });
