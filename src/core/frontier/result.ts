/** What a report tells of a search. */
import type { MetricUnit } from "../metric-unit.ts";

/** How much of a fault was tolerated, by one run. */
export interface FrontierEstimate {
  readonly tolerated: number;
  /** 95 % interval of where the service gives way. */
  readonly interval: readonly [number, number];
  /** `none`: not even the weakest level that was tried; `all`: the whole range. */
  readonly reach: "none" | "between" | "all";
  /** Windows it rests on. */
  readonly windows: number;
}

/** What the head tolerates of one fault. */
export interface FrontierResult {
  readonly name: string;
  /** "llm latency, delay" */
  readonly description: string;
  readonly parameter: string;
  readonly unit: MetricUnit;
  /** The range that was searched, harmless end first. */
  readonly from: number;
  readonly to: number;
  /** What still holds there, as the suite writes it. */
  readonly expect: readonly string[];
  readonly head: FrontierEstimate;
}
