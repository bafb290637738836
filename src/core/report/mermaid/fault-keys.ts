/** What stands for a fault in a diagram: its number in the suite. The same in every diagram of a text. */
import type { Result } from "../../verdict.ts";

export type FaultKeys = (scenario: string) => string;

/** "F1" for the suite's first fault; "calm" and "all" for what is none. One that the suite has no more is numbered behind. */
export const faultKeys = ({ scenarios, verdict, timeline }: Result): FaultKeys => {
  const keys = new Map([
    ["control", "calm"],
    ["all", "all"],
  ]);
  const named = [...scenarios.map(({ name }) => name), ...verdict.comparisons.map((each) => each.scenario)];
  const timed = (timeline?.entries ?? []).flatMap((entry) =>
    entry.scenario === null ? [] : [entry.scenario],
  );
  for (const name of [...named, ...timed]) if (!keys.has(name)) keys.set(name, `F${keys.size - 1}`);
  return (scenario) => keys.get(scenario) ?? "";
};
