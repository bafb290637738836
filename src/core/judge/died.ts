/** A service that died under a fault of its own accord, as it never did in the baseline. */
import { isOfService } from "../process-name.ts";
import type { ProcessDeath } from "../profile.ts";
import type { Finding } from "../verdict.ts";
import { baselineRunsOf, headRun, type JudgeContext, type RunSample } from "./context.ts";

/** Replicas are `service-2` and so on; a dependency's death is no fault of the change's. */
const isOwn = ({ name, injected }: ProcessDeath): boolean => !injected && isOfService(name);

const scenarioOf = ({ profile }: RunSample, { window }: ProcessDeath): string =>
  profile.windows[window]?.scenario ?? "control";

/** Deaths of the service that nobody asked for, by the scenario in which they happened. */
export const ownDeaths = (run: RunSample): ReadonlyMap<string, readonly ProcessDeath[]> =>
  Map.groupBy(run.profile.deaths.filter(isOwn), (death) => scenarioOf(run, death));

const how = ({ exitCode, signal }: ProcessDeath): string =>
  signal === null ? `exit code ${exitCode}` : signal;

/**
 * Blocks by itself, without a share in the chances of a false alarm: a crash is seen, not estimated. Without a baseline it is a warning,
 * because nobody knows whether it always did.
 */
export const deathFindings = (context: JudgeContext): readonly Finding[] => {
  const head = headRun(context);
  return [...ownDeaths(head)].flatMap(([name, deaths]): Finding[] => {
    const runs = baselineRunsOf(context, name);
    if (runs.some((run) => (ownDeaths(run).get(name)?.length ?? 0) > 0)) return [];
    const scenario = context.scenarios.find((each) => each.name === name);
    const [first] = deaths;
    const times = deaths.length === 1 ? "once" : `${deaths.length} times`;
    const before =
      runs.length === 0
        ? "nothing to compare with"
        : `never in ${runs.length === 1 ? "the baseline's run" : `${runs.length} runs of the baseline`}`;
    return [
      {
        kind: "death",
        severity: runs.length === 0 ? "warn" : "block",
        scenario: name,
        metric: "deaths",
        edge: scenario?.faults[0]?.on ?? null,
        title: `${scenario?.description ?? name}: the service died ${times} by itself (${first === undefined ? "" : how(first)}), ${before}`,
        detail: [
          "Its last words are in the run's logs. What follows until it is started again fails because it is gone.",
        ],
      },
    ];
  });
};
