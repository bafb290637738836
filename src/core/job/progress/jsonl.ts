/**
 * One JSON object a line, on standard output or in a file of its own:
 *
 *   {"step": 12, "loss": 2.31}
 *   {"event": "checkpoint_saved", "step": 12}
 *
 * A line with an event that is not known, or with figures of an evaluation and no loss, tells nothing.
 */
import type { ProgressEvent } from "../progress-event.ts";
import { isStep, lossOf } from "./numbers.ts";
import { pythonJson } from "./python-json.ts";
import type { ReadLine } from "./read-line.ts";

/** Longer lines are no progress. */
const LONGEST_LINE = 65_536;

const STEP_KEYS = ["step", "global_step", "iteration", "iter"];
const LOSS_KEYS = ["loss", "train_loss", "train/loss"];
const EVENT_KEYS = ["event", "type", "kind"];
const EVALUATION = /^(?:eval|val|valid|validation|test)[_/]/;

type Mark = Exclude<ProgressEvent["type"], "step">;

/** Spellings in lower case, with `_` for blanks, points and dashes. */
const MARKS: Readonly<Record<Mark, readonly string[]>> = {
  saving: [
    "saving",
    "checkpoint_saving",
    "saving_checkpoint",
    "save_start",
    "checkpoint_start",
    "checkpoint_save_start",
    "checkpoint_begin",
  ],
  saved: [
    "saved",
    "checkpoint",
    "checkpoint_saved",
    "saved_checkpoint",
    "save_end",
    "checkpoint_end",
    "checkpoint_save_end",
    "checkpoint_complete",
    "checkpoint_done",
  ],
  loaded: [
    "loaded",
    "checkpoint_loaded",
    "loaded_checkpoint",
    "checkpoint_restored",
    "restored",
    "resumed",
    "resume",
  ],
  skipped: ["skipped", "step_skipped", "skipped_step", "skip", "overflow", "gradient_overflow"],
};
const MARK_OF = new Map<string, Mark>(
  (Object.keys(MARKS) as Mark[]).flatMap((mark) => MARKS[mark].map((name) => [name, mark] as const)),
);
const STEP_EVENTS: ReadonlySet<string> = new Set([
  "step",
  "train",
  "train_step",
  "training_step",
  "progress",
  "log",
  "metrics",
]);

type Fields = Readonly<Record<string, unknown>>;

const first = (fields: Fields, keys: readonly string[]): unknown =>
  fields[keys.find((key) => Object.hasOwn(fields, key)) ?? ""];

const stepIn = (fields: Fields): number | null => {
  const value = first(fields, STEP_KEYS);
  return typeof value === "number" && isStep(value) ? value : null;
};

const lossIn = (fields: Fields): number | null => {
  const value = first(fields, LOSS_KEYS);
  if (typeof value === "number") return value;
  return typeof value === "string" ? lossOf(value) : null;
};

const stepEvents = (fields: Fields): readonly ProgressEvent[] => {
  const step = stepIn(fields);
  if (step === null) return [];
  const hasLoss = LOSS_KEYS.some((key) => Object.hasOwn(fields, key));
  if (!hasLoss && Object.keys(fields).some((key) => EVALUATION.test(key))) return [];
  const told: ProgressEvent = { type: "step", step, loss: lossIn(fields) };
  return fields["skipped"] === true ? [told, { type: "skipped", step }] : [told];
};

export const jsonlReader = (): ReadLine => (line) => {
  const text = line.trim();
  if (!text.startsWith("{") || text.length > LONGEST_LINE) return [];
  const fields = pythonJson(text);
  if (fields === null) return [];
  const event = first(fields, EVENT_KEYS);
  if (typeof event !== "string") return stepEvents(fields);
  const name = event.toLowerCase().replaceAll(/[\s.-]/g, "_");
  const mark = MARK_OF.get(name);
  if (mark !== undefined) return [{ type: mark, step: stepIn(fields) }];
  return STEP_EVENTS.has(name) ? stepEvents(fields) : [];
};
