/** The learned policy live, one call a second: once the service is clearly unwell it asks the cases. Pure. */
import type { Remedy } from "../remedy/remedy.ts";
import { medianSymptoms, type RecoveryCase } from "./cases.ts";
import { type Decision, NOTHING } from "./evaluate.ts";
import { suggest } from "./learn.ts";
import type { CalmBand } from "./recovered.ts";
import type { Symptoms } from "./rule.ts";

/** Seconds in a row outside of the calm band before anything is done: as long as a vector takes to show. */
const UNWELL_SECONDS = 3;
/** After an answer its effect is awaited. */
const COOL_DOWN_MS = 6000;
/** In one window. */
const MOST_ANSWERS = 2;

export interface LearnedState {
  /** Seconds in a row in which the service was unwell, newest last. */
  readonly unwell: readonly Symptoms[];
  readonly lastActMs: number | null;
  /** What was done already, as JSON: it did not help. */
  readonly done: readonly string[];
}

export const freshLearned: LearnedState = { unwell: [], lastActMs: null, done: [] };

/** Null: nothing that was asked has ended in that second, and nothing is under way either. */
const isUnwell = ({ errorRate, p95Ms, inFlight }: Symptoms, band: CalmBand): boolean | null => {
  if (errorRate === null && p95Ms === null) return inFlight === null || inFlight === 0 ? null : true;
  return (errorRate ?? 0) > band.errorRate || (p95Ms ?? 0) > band.p95Ms;
};

export interface LearnedInput {
  readonly cases: readonly RecoveryCase[];
  readonly band: CalmBand;
  readonly possible: (remedies: readonly Remedy[]) => boolean;
}

/** @param atMs from the window's start */
export const learnedSecond = (
  { cases, band, possible }: LearnedInput,
  state: LearnedState,
  atMs: number,
  symptoms: Symptoms,
): { readonly state: LearnedState; readonly decision: Decision } => {
  const unwellNow = isUnwell(symptoms, band);
  if (unwellNow === null) return { state, decision: NOTHING };
  const unwell = unwellNow ? [...state.unwell, symptoms].slice(-UNWELL_SECONDS) : [];
  const waiting = { ...state, unwell };
  const cooled = state.lastActMs === null || atMs - state.lastActMs >= COOL_DOWN_MS;
  if (unwell.length < UNWELL_SECONDS || !cooled || state.done.length >= MOST_ANSWERS)
    return { state: waiting, decision: NOTHING };
  const suggestion = suggest(
    cases,
    medianSymptoms(unwell),
    (remedies) => !state.done.includes(JSON.stringify(remedies)) && possible(remedies),
  );
  if (suggestion === null) return { state: waiting, decision: NOTHING };
  const answer = state.done.length;
  return {
    state: { unwell: [], lastActMs: atMs, done: [...state.done, JSON.stringify(suggestion.remedies)] },
    decision: {
      act: suggestion.remedies.map((remedy, place) => ({
        key: `learned ${answer}.${place}`,
        remedy,
        because: suggestion.because,
      })),
      undo: [],
    },
  };
};
