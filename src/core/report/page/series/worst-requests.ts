/** Of a run's exhibits the ones to look at first, joined with what they are of. A stranger may have written them. */
import type { RequestExhibit } from "../../../exhibit.ts";
import type { Observation } from "../../../observation.ts";
import { isFailure } from "../../../outcome.ts";
import type { Profile, WindowRecord } from "../../../profile.ts";
import type { Result } from "../../../verdict.ts";
import { scenarioRank } from "./scenario-order.ts";

export interface WorstRequest {
  readonly window: WindowRecord;
  readonly observation: Observation;
  readonly exhibit: RequestExhibit;
}

const MOST = 10;
/** Of one scenario, where others have some. */
const MOST_OF_A_SCENARIO = 4;

const keyOf = ({ window, slot }: Pick<RequestExhibit, "window" | "slot">): string => `${window}/${slot}`;

/** Each once; what points at no request of the run is passed over. */
const joined = ({ exhibits = [], observations, windows }: Profile): readonly WorstRequest[] => {
  const wanted = new Map(exhibits.map((exhibit) => [keyOf(exhibit), exhibit]));
  return observations.flatMap((observation) => {
    const key = keyOf(observation);
    const exhibit = wanted.get(key);
    const window = windows[observation.window];
    if (exhibit === undefined || window === undefined) return [];
    wanted.delete(key);
    return [{ window, observation, exhibit }];
  });
};

/** Ten at most: by scenario, failures before good ones, the longest first. */
export const worstRequests = (profile: Profile, result: Result): readonly WorstRequest[] => {
  const rank = scenarioRank(result);
  const failed = ({ observation }: WorstRequest): number => (isFailure(observation.outcome) ? 0 : 1);
  const all = joined(profile).toSorted(
    (a, b) =>
      rank(a.window.scenario) - rank(b.window.scenario) ||
      failed(a) - failed(b) ||
      b.observation.latencyMs - a.observation.latencyMs,
  );
  const counts = new Map<string, number>();
  const [within, beyond]: [WorstRequest[], WorstRequest[]] = [[], []];
  for (const each of all) {
    const { scenario } = each.window;
    const count = counts.get(scenario) ?? 0;
    counts.set(scenario, count + 1);
    (count < MOST_OF_A_SCENARIO ? within : beyond).push(each);
  }
  const chosen = new Set([...within, ...beyond].slice(0, MOST));
  return all.filter((each) => chosen.has(each));
};
