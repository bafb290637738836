/**
 * Rules against live symptoms, one call a second: what is to be done now, and what is to be undone. Pure.
 *
 *   symptoms -> held so long? -> cooled down? -> under its limit? -> act ... gone so long? -> undo
 *
 * A second in which a figure is not known neither adds to what held nor ends it.
 */
import type { Remedy } from "../remedy/remedy.ts";
import { formatMs, formatShare } from "../report/format.ts";
import type { Condition, PlaceSymptoms, RecoveryRule, Symptoms } from "./rule.ts";

/** Length of what one call of `evaluate` stands for. */
export const TICK_MS = 1000;

export interface WantedAction {
  /** By which `undo` names it again. */
  readonly key: string;
  readonly remedy: Remedy;
  readonly because: string;
}

/** What a policy wants of one second. */
export interface Decision {
  readonly act: readonly WantedAction[];
  /** Keys of actions. */
  readonly undo: readonly string[];
}

export const NOTHING: Decision = { act: [], undo: [] };

/** What is remembered of one rule. */
export interface RuleState {
  readonly heldMs: number;
  readonly goneMs: number;
  readonly acted: number;
  readonly lastActMs: number | null;
  /** Keys of what stands, oldest first. */
  readonly inForce: readonly string[];
}

export const freshRule: RuleState = { heldMs: 0, goneMs: 0, acted: 0, lastActMs: null, inForce: [] };

const figureOf = (place: PlaceSymptoms, { figure }: Condition): number | null =>
  figure === "p95" ? place.p95Ms : place[figure];

/** Null: not known. */
export const observed = (condition: Condition, symptoms: Symptoms): number | null => {
  const { of } = condition;
  const place = of === undefined ? symptoms : symptoms.of?.[of];
  return place === undefined ? null : figureOf(place, condition);
};

const holds = ({ comparator, limit }: Condition, value: number): boolean => {
  switch (comparator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
  }
};

const valueText = ({ figure }: Condition, value: number): string => {
  if (figure === "p95") return formatMs(value);
  return figure === "inFlight" ? String(value) : formatShare(value);
};

interface RuleStep {
  readonly state: RuleState;
  readonly decision: Decision;
}

const mayAct = ({ when, times, coolDownMs }: RecoveryRule, state: RuleState, atMs: number): boolean =>
  state.heldMs >= Math.max(TICK_MS, when.forMs) &&
  state.acted < times &&
  (state.lastActMs === null || atMs - state.lastActMs >= coolDownMs);

const oneRule = (
  rule: RecoveryRule,
  place: number,
  before: RuleState,
  atMs: number,
  symptoms: Symptoms,
): RuleStep => {
  const value = observed(rule.when, symptoms);
  if (value === null) return { state: before, decision: NOTHING };
  const held = holds(rule.when, value);
  const state = {
    ...before,
    heldMs: held ? before.heldMs + TICK_MS : 0,
    goneMs: held ? 0 : before.goneMs + TICK_MS,
  };
  if (held && mayAct(rule, state, atMs)) {
    const key = `rule ${place} #${state.acted}`;
    const because = `${rule.when.text} (${valueText(rule.when, value)})`;
    return {
      // What was done needs its time to show: the condition counts anew.
      state: {
        ...state,
        heldMs: 0,
        acted: state.acted + 1,
        lastActMs: atMs,
        inForce: [...state.inForce, key],
      },
      decision: { act: [{ key, remedy: rule.do, because }], undo: [] },
    };
  }
  const { undoAfterMs } = rule;
  if (held || undoAfterMs === undefined || state.goneMs < undoAfterMs || state.inForce.length === 0)
    return { state, decision: NOTHING };
  return {
    state: { ...state, inForce: [] },
    decision: { act: [], undo: state.inForce.toReversed() },
  };
};

export interface Evaluation {
  readonly states: readonly RuleState[];
  readonly decision: Decision;
}

/**
 * One second.
 *
 * @param states one a rule, of the second before; `freshRule` at first
 * @param atMs from the window's start
 */
export const evaluate = (
  rules: readonly RecoveryRule[],
  states: readonly RuleState[],
  atMs: number,
  symptoms: Symptoms,
): Evaluation => {
  const steps = rules.map((rule, place) => oneRule(rule, place, states[place] ?? freshRule, atMs, symptoms));
  return {
    states: steps.map(({ state }) => state),
    decision: {
      act: steps.flatMap(({ decision }) => decision.act),
      undo: steps.flatMap(({ decision }) => decision.undo),
    },
  };
};
