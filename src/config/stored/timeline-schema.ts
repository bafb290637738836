/** When what happened in a run, as result.json holds it. */
import { z } from "zod";
import type { Timeline, TimelineEntry } from "../../core/timeline/entry.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { count, list, ms, text } from "./primitives.ts";

const round = z.int();
const atMs = ms.describe("ms from the run's start");

const entry = z
  .discriminatedUnion("event", [
    z
      .strictObject({
        event: z.literal("fault"),
        scenario: text,
        round,
        atMs,
        durationMs: ms,
        invalid: text.optional().describe("why it was not scored"),
      })
      .transform((value) => withoutUndefined(value)),
    z.strictObject({ event: z.literal("not-settled"), scenario: text, round, atMs, durationMs: ms }),
    z.strictObject({
      event: z.literal("kill"),
      scenario: text,
      round,
      atMs,
      signal: text,
      recoveryMs: ms.nullable().describe("to the first good answer; null: none within watchedMs"),
      watchedMs: ms,
    }),
    z.strictObject({
      event: z.literal("death"),
      scenario: text.nullable(),
      atMs,
      process: text,
      exitCode: z.int().nullable(),
      signal: text.nullable(),
    }),
    z.strictObject({ event: z.literal("trials"), scenario: text, atMs, durationMs: ms, windows: count }),
    z.strictObject({
      event: z.literal("policy"),
      scenario: text,
      policy: z.enum(["none", "rules", "learned"]),
      atMs,
      durationMs: ms,
      actions: count,
    }),
  ])
  .meta({ id: "timelineEntry" }) satisfies z.ZodType<TimelineEntry>;

export const timelineSchema = z.strictObject({
  entries: list(entry, 1000).describe("by time"),
  leftOut: count.describe("events for which there was no room"),
}) satisfies z.ZodType<Timeline>;
