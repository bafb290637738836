/** Did the service come to rest after each outage and kill? One that does not is still down for its users (METHOD 10). */
import type { Scenario } from "../profile.ts";
import type { Finding } from "../verdict.ts";
import { headRun, type JudgeContext, type RunSample } from "./context.ts";
import { isByClock } from "./twins/share.ts";

/** Once can be the machine's doing; more than once, where the baseline never did, is the change's. */
const FEWEST_TO_BLOCK = 2;

interface Settling {
  readonly rounds: number;
  readonly unsettled: number;
}

/** A round that was measured twice counts as it went the second time. */
const settlingOf = (runs: readonly RunSample[], scenario: string): Settling => {
  let rounds = 0;
  let unsettled = 0;
  for (const { profile } of runs) {
    const byRound = new Map<number, boolean>();
    for (const window of profile.windows) {
      if (window.phase === "settle" && window.scenario === scenario)
        byRound.set(window.round, window.invalid === undefined);
    }
    rounds += byRound.size;
    unsettled += [...byRound.values()].filter((settled) => !settled).length;
  }
  return { rounds, unsettled };
};

const before = (base: Settling): string => {
  if (base.rounds === 0) return "not known of the baseline";
  return base.unsettled === 0
    ? `always in the baseline (${base.rounds} times)`
    : `not in the baseline either (${base.unsettled} of ${base.rounds} times)`;
};

const severityOf = (head: Settling, base: Settling, blocking: Finding["severity"]): Finding["severity"] => {
  if (base.unsettled > 0) return "note";
  return base.rounds > 0 && head.unsettled >= FEWEST_TO_BLOCK ? blocking : "warn";
};

/**
 * One finding a scenario after which the head did not come to rest in time. It blocks where that happened more than once
 * and never in the baseline; what the baseline does too is a note.
 */
export const settlingFindings = (
  context: JudgeContext,
  blocking: Finding["severity"],
): readonly Finding[] => {
  const finding = (scenario: Scenario): readonly Finding[] => {
    const head = settlingOf([headRun(context)], scenario.name);
    if (head.unsettled === 0) return [];
    const base = settlingOf(context.baseline?.runs ?? [], scenario.name);
    return [
      {
        kind: "not-settled",
        severity: severityOf(head, base, blocking),
        scenario: scenario.name,
        metric: null,
        edge: scenario.faults[0]?.on ?? null,
        title: `${scenario.description}: the service did not come to rest within 10 s of calm traffic after the fault was gone, ${head.unsettled} of ${head.rounds} times; ${before(base)}`,
        detail: [
          "It went on failing, or answering by its fallback more than calm traffic does: look for full queues, exhausted pools and breakers that stay open.",
        ],
      },
    ];
  };
  return context.scenarios.filter(isByClock).flatMap(finding);
};
