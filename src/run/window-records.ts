/** What a replayed stretch says of each of its windows: its observations, and whether it counts. */

import type { Receipt } from "../core/exchange.ts";
import { lateReason } from "../core/judge/window-reasons.ts";
import type { Observation } from "../core/observation.ts";
import type { WindowRecord } from "../core/profile.ts";
import type { Policy } from "../core/suite.ts";
import type { PlannedWindow, Stretch } from "./plan/plan.ts";
import type { LoadResult, PlannedRequest } from "./ports.ts";

/** A window that does not count for this reason is not repeated: the fault would strike nothing again. */
export const WITHOUT_EFFECT = "fault without effect";

/** Second largest in small samples: one hiccup of the machine in sixty requests does not spoil a window. */
const lagP99 = (observations: readonly Observation[]): number => {
  const lags = observations.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
  return lags[Math.floor(0.99 * (lags.length - 1))] ?? 0;
};

/** Sent / planned; a closed loop that came to nothing at all has sent none of what it should. */
const sentShare = (observations: readonly Observation[], planned: number): number =>
  observations.filter(({ outcome }) => outcome !== "unsent").length / Math.max(1, planned);

/** Faults whose work shows in the outcomes, not in receipts: clients that were to hang up, and never could. */
const nobodyHungUp = (
  requests: readonly PlannedRequest[],
  observations: readonly Observation[],
): string | undefined => {
  const planned = requests.filter(({ abortAfterEvents }) => abortAfterEvents !== undefined).length;
  if (planned === 0 || observations.some(({ outcome }) => outcome === "client-abort")) return undefined;
  return `${WITHOUT_EFFECT}: none of ${planned} clients hung up, their answers were over before`;
};

interface WindowFacts {
  readonly requests: readonly PlannedRequest[];
  readonly observations: readonly Observation[];
  readonly receipts: readonly Receipt[];
}

const whyInvalid = (
  policy: Policy,
  { requests, observations, receipts }: WindowFacts,
  struckElsewhere: (faultId: string) => boolean,
): string | undefined => {
  const sent = sentShare(observations, requests.length);
  if (sent < policy.minAchievedRate)
    return `only ${Math.round(sent * 1000) / 10} % of the planned requests could be sent`;
  const lagMs = lagP99(observations);
  if (lagMs > policy.maxLagP99Ms) {
    return lateReason(lagMs, policy.maxLagP99Ms);
  }
  const idle = receipts.filter((receipt) => receipt.affected === 0 && !struckElsewhere(receipt.faultId));
  if (idle.length > 0) {
    const seen = idle.map(({ faultId, seen }) => `${faultId} saw ${seen} calls and struck none`).join("; ");
    return `${WITHOUT_EFFECT}: ${seen}`;
  }
  return nobodyHungUp(requests, observations);
};

/** The stretch as it was replayed: of a closed loop, only the requests it came to. */
export const replayedPart = (stretch: Stretch, result: LoadResult): Stretch => {
  if (stretch.windows.every(({ looped }) => looped === 0)) return stretch;
  const begun = new Set(result.observations.map(({ slot }) => slot));
  const requests: PlannedRequest[] = [];
  const windows: PlannedWindow[] = [];
  for (const window of stretch.windows) {
    const inside = stretch.requests.slice(window.firstSlot, window.endSlot);
    const reached = inside.filter(({ slot }, place) => place >= window.looped || begun.has(slot));
    const firstSlot = requests.length;
    for (const request of reached) requests.push(request);
    windows.push({
      ...window,
      firstSlot,
      endSlot: requests.length,
      looped: reached.length - (inside.length - window.looped),
    });
  }
  return { ...stretch, windows, requests };
};

/** Moves observations of a stretch to their windows: slots and times then count from the window's own start. */
export const observationsByWindow = (stretch: Stretch, result: LoadResult): Map<number, Observation[]> => {
  const bySlot = new Map(result.observations.map((observation) => [observation.slot, observation]));
  return new Map(
    stretch.windows.map((window) => {
      const inside: Observation[] = [];
      for (let slot = window.firstSlot; slot < window.endSlot; slot++) {
        const observation = bySlot.get(slot);
        if (observation === undefined) continue;
        inside.push({
          ...observation,
          window: window.index,
          slot: slot - window.firstSlot,
          scheduledMs: observation.scheduledMs - window.offsetMs,
        });
      }
      return [window.index, inside];
    }),
  );
};

/**
 * One record a window.
 *
 * @param replayed what was replayed of the stretch
 * @param runStartMs epoch ms from which the run's times count
 */
export const windowRecords = (
  policy: Policy,
  replayed: Stretch,
  result: LoadResult,
  byWindow: ReadonlyMap<number, readonly Observation[]>,
  receipts: ReadonlyMap<number, readonly Receipt[]>,
  runStartMs: number,
): WindowRecord[] => {
  // A fault that heals after its first requests strikes early windows only; it must have struck somewhere.
  const struck = new Set(
    [...receipts.values()].flat().flatMap(({ faultId, affected }) => (affected > 0 ? [faultId] : [])),
  );
  return replayed.windows.map((window) => {
    const requests = replayed.requests.slice(window.firstSlot, window.endSlot);
    const observations = byWindow.get(window.index) ?? [];
    const own = receipts.get(window.index) ?? [];
    const facts = { requests, observations, receipts: own };
    const invalid = whyInvalid(policy, facts, (faultId) => struck.has(faultId));
    return {
      scenario: window.scenario,
      round: window.round,
      phase: "load",
      startMs: result.startedAtMs - runStartMs + window.offsetMs,
      durationMs: window.durationMs,
      guardMs: window.guardMs,
      planned: requests.length,
      lagP99Ms: lagP99(observations),
      achievedRate: sentShare(observations, requests.length),
      eventLoopP99Ms: result.eventLoopP99Ms,
      receipts: own,
      ...(invalid === undefined ? {} : { invalid }),
    };
  });
};
