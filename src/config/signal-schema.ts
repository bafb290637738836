/** `service.signals`: what the service's owner would notice a fault by. */
import * as z from "zod";
import type { Signal, SignalSource } from "../core/signals/signal.ts";
import { readLogPattern } from "./log-pattern.ts";
import { quantity } from "./quantity-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import { withoutUndefined } from "./without-undefined.ts";

const MOST_SIGNALS = 20;
const MOST_LABELS = 20;

const urlPath = (description: string) => z.string().regex(/^\//).max(2048).meta({ description });

/** The pattern as it was written, once it is known to compile. */
const pattern = quantity(
  (value) => {
    const reading = readLogPattern(value);
    return reading.ok ? { ok: true, value: String(value) } : reading;
  },
  'a regular expression of RE2\'s syntax, such as "ERROR|Traceback"',
  "Lines of the service's log that match this are the signal; shows where there are more than calm traffic has",
);

export const signalSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][\w.-]{0,39}$/)
      .meta({ description: "In the report: up to 40 letters, digits, - _ . beginning with a letter" }),
    path: urlPath("A GET of it is the signal; shows where a replica answers other than 2xx").optional(),
    metric: z
      .string()
      .regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/)
      .max(200)
      .meta({ description: "Name of a Prometheus series; those of all labels and replicas are added up" })
      .optional(),
    labels: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(200))
      .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `at most ${MOST_LABELS} labels`)
      .meta({ description: "Of metric: only series with these labels" })
      .optional(),
    at: urlPath(`Of metric: where its text stands. Default: ${SUITE_DEFAULTS.signals.at}`).optional(),
    counter: z.boolean().meta({ description: "Of metric: its growth per second is looked at" }).optional(),
    above: z
      .number()
      .meta({ description: "Of metric: shows above this. Without bounds: outside of what calm traffic does" })
      .optional(),
    below: z.number().meta({ description: "Of metric: shows below this" }).optional(),
    log: pattern.optional(),
  })
  .meta({ description: "One of the service's own signals: exactly one of path, metric, log" });

export const signalsSchema = z.array(signalSchema).max(MOST_SIGNALS).meta({
  description:
    "What its owner would notice a fault by; the report says which faults these showed, and after how long (docs/signals.md)",
});

export type ParsedSignal = z.output<typeof signalSchema>;

const sourceOf = (
  parsed: ParsedSignal,
  watched: Readonly<Record<"health" | "ready", string | undefined>>,
): SignalSource => {
  const { path, metric, log } = parsed;
  if (path !== undefined) {
    const watchedAs = (["health", "ready"] as const).filter((each) => watched[each] === path);
    return { type: "path", path, ...(watchedAs.length === 0 ? {} : { watchedAs }) };
  }
  if (metric === undefined) return { type: "log", pattern: log ?? "" };
  return withoutUndefined({
    type: "metric" as const,
    path: parsed.at ?? SUITE_DEFAULTS.signals.at,
    metric,
    labels: parsed.labels ?? {},
    counter: parsed.counter ?? false,
    above: parsed.above,
    below: parsed.below,
  });
};

/** @param watched the suite's health and ready paths, which are looked at anyway */
export const signalsOf = (
  parsed: readonly ParsedSignal[] | undefined,
  watched: Readonly<Record<"health" | "ready", string | undefined>>,
): readonly Signal[] | undefined =>
  parsed === undefined || parsed.length === 0
    ? undefined
    : parsed.map((each) => ({ name: each.name, source: sourceOf(each, watched) }));
