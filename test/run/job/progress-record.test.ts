import { expect, test } from "vitest";
import type { ProgressEvent } from "../../../src/core/job/progress-event.ts";
import { ProgressRecord } from "../../../src/run/job/progress-record.ts";

const step = (number: number, loss: number | null = 1): ProgressEvent => ({
  type: "step",
  step: number,
  loss,
});

const recorded = (...events: readonly ProgressEvent[]) => {
  const calls: string[] = [];
  const record: ProgressRecord = new ProgressRecord({
    onStep: () => void calls.push("step"),
    onNewStep: (number) => void calls.push(`new ${number}`),
    onNewSave: () => void calls.push("save"),
  });
  events.forEach((event, atMs) => record.take([event], atMs));
  return { record, calls };
};

test("keeps every step in the order in which it was logged, one done again twice", () => {
  const { record, calls } = recorded(step(1), step(2, 0.5), step(2, 0.5), step(3, null));
  expect(record.steps).toEqual({ step: [1, 2, 2, 3], atMs: [0, 1, 2, 3], loss: [1, 0.5, 0.5, null] });
  expect(calls).toEqual(["step", "new 1", "step", "new 2", "step", "step", "new 3"]);
});

test("tells a loss that is no number as an event, and keeps none for the step", () => {
  const { record } = recorded(step(1, Number.NaN), step(2, Number.POSITIVE_INFINITY));
  expect(record.steps.loss).toEqual([null, null]);
  expect(record.events).toEqual([
    { kind: "nan", step: 1, atMs: 0 },
    { kind: "nan", step: 2, atMs: 1 },
  ]);
});

test("takes no step that is no step", () => {
  const { record, calls } = recorded(step(-1), step(1.5), step(Number.NaN), step(1e300));
  expect(record.steps.step).toEqual([]);
  expect(calls).toEqual([]);
});

test("a save of a step saved before is not a new one", () => {
  const { calls } = recorded(
    { type: "saving", step: 5 },
    { type: "saved", step: 5 },
    { type: "saving", step: 5 },
    { type: "saving", step: 10 },
  );
  expect(calls).toEqual(["save", "save"]);
});

test("a save that tells no step is that of the step logged last", () => {
  const saving: ProgressEvent = { type: "saving", step: null };
  const { record, calls } = recorded(step(4), saving, step(4), saving, step(5), saving);
  expect(calls.filter((call) => call === "save")).toHaveLength(2);
  expect(record.events.map(({ kind, step: told }) => [kind, told])).toEqual([
    ["saving", null],
    ["saving", null],
    ["saving", null],
  ]);
});
