/** What a report tells of each frontier of the head's run. */
import { valueAt } from "../frontier/range.ts";
import type { FrontierEstimate, FrontierResult } from "../frontier/result.ts";
import { intervalOf } from "../frontier/search.ts";
import type { FrontierRecord, Profile } from "../profile.ts";
import { posteriorOfRecord } from "./checks/frontier.ts";

const estimateOf = (record: FrontierRecord, sloMs: number): FrontierEstimate => {
  const { tolerated, low, high } = intervalOf(posteriorOfRecord(record, sloMs));
  const { range } = record;
  const { length } = range.levels;
  return {
    tolerated: valueAt(range, tolerated),
    // The frontier lies between the last level that holds and the first that does not.
    interval: [valueAt(range, low), valueAt(range, Math.min(length, high + 1))],
    reach: tolerated === 0 ? "none" : tolerated === length ? "all" : "between",
    windows: record.steps.filter(({ invalid }) => invalid === undefined).length,
  };
};

export const frontierResults = ({ frontiers = [], sloMs }: Profile): readonly FrontierResult[] =>
  frontiers.map((record) => ({
    name: record.name,
    description: record.description,
    parameter: record.range.parameter,
    unit: record.range.unit,
    from: record.range.from,
    to: record.range.levels.at(-1) ?? record.range.from,
    expect: record.expect.map(({ text }) => text),
    head: estimateOf(record, sloMs),
  }));
