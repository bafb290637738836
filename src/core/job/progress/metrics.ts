/**
 * A job's Prometheus page, looked at again and again. Of several series of a name (one a rank, a device) the furthest step counts, and
 * the first loss. A step gauge at 0 was not set yet: every process begins with it, also one that goes on at step 40.
 */
import { seriesValues } from "../../signals/prometheus.ts";
import type { ProgressEvent } from "../progress-event.ts";
import { isStep } from "./numbers.ts";

/** @returns reads a page; tells a step where it is another than the page before told. Never throws. */
export const metricsReader = (names: {
  readonly step: string;
  readonly loss?: string;
}): ((page: string) => readonly ProgressEvent[]) => {
  let last: number | null = null;
  return (page) => {
    const steps = seriesValues(page, names.step).filter((value) => value > 0 && isStep(value));
    if (steps.length === 0) return [];
    const step = steps.reduce((furthest, value) => Math.max(furthest, value));
    if (step === last) return [];
    last = step;
    const loss = names.loss === undefined ? undefined : seriesValues(page, names.loss)[0];
    return [{ type: "step", step, loss: loss ?? null }];
  };
};
