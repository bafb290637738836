import * as z from "zod";
import type { RecoveryRule } from "../../core/recovery-policy/rule.ts";
import type { RecoveryPolicy } from "../../core/suite.ts";
import { duration, type IssueParams, positiveDuration, text, whole } from "../quantity-schema.ts";
import { SUITE_DEFAULTS } from "../suite-defaults.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { CONDITION_FORM, readCondition } from "./condition.ts";
import { REMEDY_FORM, readRemedy } from "./remedy.ts";
import type { RuleReading } from "./words.ts";

const DEFAULTS = SUITE_DEFAULTS.recovery;

/** A zod schema around a reader of a rule's text. */
const sentence = <T>(read: (value: unknown) => RuleReading<T>, form: string, description: string) =>
  z
    .unknown()
    .transform((value, context): T => {
      const reading = read(value);
      if (reading.ok) return reading.value;
      const { ok: _, message, allowed = form, ...rest } = reading;
      const params: IssueParams = { allowed, ...rest };
      context.addIssue({ code: "custom", message, input: value, params: { ...params } });
      return z.NEVER;
    })
    .meta({ description: `${description} (${form})`, type: "string" });

const ruleSchema = z
  .strictObject({
    when: sentence(readCondition, CONDITION_FORM, "What must hold, second after second"),
    do: sentence(readRemedy, REMEDY_FORM, "What is done then"),
    times: whole("At most so often in one window", 1, 100).prefault(DEFAULTS.times),
    coolDown: duration("No sooner than that after the last time").prefault(DEFAULTS.coolDown),
    undoAfter: positiveDuration(
      "Undone when the condition is gone for that long. Default: it stays until the experiment ends",
    ).optional(),
  })
  .meta({ description: "A rule" });

export const recoverySchema = z
  .strictObject({
    rules: z.array(ruleSchema).max(50).default([]).meta({ description: "What is done about which symptoms" }),
    learn: z.boolean().default(DEFAULTS.learn).meta({
      description:
        "Also try what the baseline's runs taught; runs of the default branch teach it. docs/recovery-policies.md",
    }),
    experiments: z
      .array(text("An experiment's name"))
      .min(1)
      .max(100)
      .meta({
        description:
          "Experiments to run under it. Default: those whose faults go by the clock or limit a process, kills left out",
      })
      .optional(),
    budget: positiveDuration("Time for all of that, beyond the gate's").prefault(DEFAULTS.budget),
  })
  .meta({
    description:
      "What is done about symptoms while an experiment runs; it explains, and never sets the verdict",
  });

export type ParsedRecovery = z.output<typeof recoverySchema>;

const ruleOf = ({
  when,
  do: remedy,
  times,
  coolDown,
  undoAfter,
}: ParsedRecovery["rules"][number]): RecoveryRule =>
  withoutUndefined({ when, do: remedy, times, coolDownMs: coolDown, undoAfterMs: undoAfter });

export const recoveryOf = ({ rules, learn, experiments, budget }: ParsedRecovery): RecoveryPolicy =>
  withoutUndefined({ rules: rules.map(ruleOf), learn, experiments, budgetMs: budget });
