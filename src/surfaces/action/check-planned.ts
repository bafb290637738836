/**
 * Whether samples are those of the run that the suite plans: the plan depends on suite, request set and seed alone, so it is
 * laid again here and held against every window and row. What remains to a forger is to invent answers, one for each request.
 */
import type { Observation } from "../../core/observation.ts";
import type { Profile, WindowRecord } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";
import { makePlan, type Plan, type PlannedWindow } from "../../run/plan/plan.ts";
import { REPEAT_OFFSET } from "../../run/plan/repeat.ts";
import { LOOKS } from "../../run/plan/timetable.ts";
import type { PlannedRequest } from "../../run/ports.ts";
import { checkScenarios, refuse } from "./refuse.ts";

/** Stored times are rounded, and added up in floating point. */
const ROUNDING_MS = 0.5;

const isSameWindow = (record: WindowRecord, planned: PlannedWindow): boolean =>
  record.scenario === planned.scenario &&
  record.round === planned.round &&
  record.guardMs === planned.guardMs &&
  record.durationMs === planned.durationMs;

const isPlanned = (row: Observation, request: PlannedRequest): boolean =>
  row.requestId === request.requestId &&
  row.hit === request.hit &&
  (row.repetition === request.repetition || row.repetition === request.repetition + REPEAT_OFFSET);

/** In a closed loop a request goes when the one before it has ended: its time is not planned, the window's end is. */
const isOnTime = (
  row: Observation,
  request: PlannedRequest,
  { looped, ...window }: PlannedWindow,
): boolean =>
  looped > 0
    ? row.scheduledMs >= -ROUNDING_MS && row.scheduledMs <= window.durationMs + ROUNDING_MS
    : Math.abs(row.scheduledMs - (request.atMs - window.offsetMs)) <= ROUNDING_MS;

const checkRows = (
  rows: readonly Observation[],
  record: WindowRecord,
  window: PlannedWindow,
  requests: readonly PlannedRequest[],
): void => {
  const where = `window ${window.index} (${plainText(window.scenario, 100)})`;
  const slots = new Set(rows.map(({ slot }) => slot));
  if (slots.size !== rows.length) refuse(`The samples hold one request of ${where} twice.`);
  for (const row of rows) {
    const request = requests[row.slot];
    if (request === undefined || !isPlanned(row, request))
      refuse(`The samples hold a request in ${where} that was not planned.`);
    else if (!isOnTime(row, request, window))
      refuse(`The samples hold a request in ${where} at a time that was not planned.`);
  }
  const wanted = window.looped > 0 ? record.planned : requests.length;
  const isWhole = rows.length === wanted && record.planned === wanted && wanted > 0;
  // A loop that came to nothing is a window that does not count, and says so.
  if (!isWhole && !(window.looped > 0 && record.planned === rows.length && record.invalid !== undefined))
    refuse(
      `The samples are not whole: ${where} was planned with ${wanted} requests and holds ${rows.length}.`,
    );
};

/** The look at which the windows of a scenario end; LOOKS where they end at none. */
const lastLookOf = (load: readonly WindowRecord[], planned: readonly PlannedWindow[]): number => {
  const name = planned[0]?.scenario;
  const held = load.filter(({ scenario }) => scenario === name).length;
  const ends = Array.from({ length: LOOKS }, (_, look) => look).find(
    (look) => planned.filter((window) => window.look <= look).length === held,
  );
  return ends ?? LOOKS;
};

/**
 * Windows that the run must hold: all of the plan or, where the suite lets it end early, of each fault those up to one of the looks,
 * and calm ones as long as there is a fault beside them. Whoever leaves rounds out gains nothing by it: fewer settle less.
 */
const windowsToHold = (
  load: readonly WindowRecord[],
  plan: Plan,
  { policy }: Suite,
): readonly PlannedWindow[] => {
  if (!policy.earlyStop) return plan.windows;
  const byScenario = Map.groupBy(plan.windows, ({ scenario }) => scenario);
  const looks = new Map([...byScenario].map(([name, planned]) => [name, lastLookOf(load, planned)]));
  const interleaved = plan.scenarios.filter(({ shape }) => shape === "attributed" || shape === "ambient");
  const beside = Math.max(-1, ...interleaved.map(({ name }) => looks.get(name) ?? LOOKS));
  return plan.windows.filter(({ scenario, shape, look }) =>
    shape === "control" ? beside < 0 || look <= beside : look <= (looks.get(scenario) ?? LOOKS),
  );
};

const requestsOf = (plan: Plan): ReadonlyMap<number, readonly PlannedRequest[]> =>
  new Map(
    plan.stretches.flatMap(({ windows, requests }) =>
      windows.map(({ index, firstSlot, endSlot }) => [index, requests.slice(firstSlot, endSlot)] as const),
    ),
  );

/**
 * @param seed of the run
 * @throws SquallError `artifact-invalid`
 */
export const checkPlanned = (profile: Profile, suite: Suite, requestSet: RequestSet, seed: number): void => {
  if (profile.jobRuns !== undefined) refuse("The samples are of a training job; the suite is of a service.");
  // Which calls can be attributed changes how faults strike, not what is sent when, or which request is struck.
  const plan = makePlan({ suite, requests: requestSet.requests, seed, attributable: () => true });
  checkScenarios(profile, plan);
  const { deadlines, sloMs } = suite.workload;
  if (!sameValue(profile.deadlines, deadlines) || profile.sloMs !== sloMs)
    refuse("The samples were measured with other deadlines or another SLO than the suite's.");
  const load = profile.windows.filter(({ phase }) => phase === "load");
  const wanted = windowsToHold(load, plan, suite);
  if (load.length !== wanted.length)
    refuse(`The samples hold ${load.length} windows; ${plan.windows.length} were planned.`);
  const rows = Map.groupBy(profile.observations, ({ window }) => window);
  const requests = requestsOf(plan);
  for (const [place, planned] of wanted.entries()) {
    // Windows under load come first, in the plan's order; what was looked at between them follows.
    const record = profile.windows[place];
    if (record === undefined || record.phase !== "load" || !isSameWindow(record, planned))
      return refuse(`Window ${place} of the samples is not the one that was planned.`);
    checkRows(rows.get(place) ?? [], record, planned, requests.get(planned.index) ?? []);
    rows.delete(place);
  }
  if (rows.size > 0) refuse("The samples hold requests outside of every window under load.");
};
