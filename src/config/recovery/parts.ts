/** `recovery:` in parts: a rule that is broken must not hide what is wrong with another. */
import type { Condition } from "../../core/recovery-policy/rule.ts";
import type { Remedy } from "../../core/remedy/remedy.ts";
import { readCondition } from "./condition.ts";
import { readRemedy } from "./remedy.ts";
import type { RuleReading } from "./words.ts";

export interface RecoveryParts {
  /** Null where one does not parse. */
  readonly rules: readonly { readonly when: Condition | null; readonly do: Remedy | null }[];
  /** Neither rules nor learning is asked for. */
  readonly idle: boolean;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const valueOf = <T>(reading: RuleReading<T>): T | null => (reading.ok ? reading.value : null);

/** Takes anything, and never throws; undefined: there is none. */
export const recoveryParts = (raw: unknown): RecoveryParts | undefined => {
  if (!isMap(raw)) return undefined;
  const { rules = [], learn = false } = raw;
  const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
  return {
    rules: list.map((each) => {
      const rule = isMap(each) ? each : {};
      return { when: valueOf(readCondition(rule["when"])), do: valueOf(readRemedy(rule["do"])) };
    }),
    idle: Array.isArray(rules) && rules.length === 0 && learn === false,
  };
};
