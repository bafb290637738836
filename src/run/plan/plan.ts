/**
 * The plan: what is sent when, and which requests a fault strikes. Pure and seeded: base and head with the same suite get
 * the same plan, so request n of one is the twin of request n of the other (METHOD 10).
 *
 * Stretch: windows replayed as one continuous schedule under one fault state. Faults that follow their request
 * (attributed by key) need no change of state between windows, so all interleaved windows are one stretch: no drain, no
 * guard, no time lost. Everything else (limits, outages, kills, unattributable edges) is a stretch of one window.
 */
import { describeFaults } from "../../core/fault-description.ts";
import type { Scenario, ScenarioShape } from "../../core/profile.ts";
import type { Experiment, Suite } from "../../core/suite.ts";
import type { RequestTemplate } from "../../core/workload.ts";
import type { ClosedLoop, PlacedEngineFault, PlannedRequest } from "../ports.ts";
import { windowArrivals } from "./arrivals.ts";
import { markWindow, placeFaults } from "./marks.ts";
import { RequestOrder } from "./request-order.ts";
import { experimentScale, experimentShape } from "./shape.ts";
import { layTimetable, type TimetableWindow } from "./timetable.ts";

export interface PlannedWindow extends TimetableWindow {
  readonly index: number;
  /** Start in its stretch, ms. */
  readonly offsetMs: number;
  /** First and one past the last slot of its stretch's requests. */
  readonly firstSlot: number;
  readonly endSlot: number;
  /** How many slots, from the first, a closed loop takes in turn, as far as it comes in the window's time; 0: open arrivals. */
  readonly looped: number;
  /** Places of that loop. */
  readonly concurrency: number;
}

export interface Stretch {
  readonly index: number;
  readonly shape: ScenarioShape;
  readonly windows: readonly PlannedWindow[];
  /** Slots run over the whole stretch. */
  readonly requests: readonly PlannedRequest[];
  readonly faults: readonly PlacedEngineFault[];
  readonly idleConnections: number;
  readonly durationMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly scenarios: readonly Scenario[];
  readonly stretches: readonly Stretch[];
  readonly windows: readonly PlannedWindow[];
  /** Rounds beyond these, one stretch or more each, for time that settled faults leave over. Part of no schedule's hash. */
  readonly spare: readonly Stretch[];
  /** Time under load, without drains and settling, ms. */
  readonly loadMs: number;
  readonly notes: readonly string[];
}

export interface PlanInput {
  readonly suite: Suite;
  readonly requests: readonly RequestTemplate[];
  readonly seed: number;
  /** Edges on which the calm pass could tell whose call it was; others are struck call by call, by pattern. */
  readonly attributable: (edge: string) => boolean;
  /** Lay spare rounds too: only two arms can use them. */
  readonly withSpare?: boolean;
}

const CONTROL: Scenario = {
  name: "control",
  shape: "control",
  scale: "additive",
  faults: [],
  description: "calm traffic",
};

const scenarioOf = (experiment: Experiment): Scenario => ({
  name: experiment.name,
  shape: experimentShape(experiment.faults),
  scale: experimentScale(experiment.faults),
  faults: experiment.faults,
  description: describeFaults(experiment.faults),
});

/** Does every fault of the scenario follow its request by key? */
const followsRequests = (scenario: Scenario, input: PlanInput): boolean =>
  scenario.shape === "attributed" && scenario.faults.every((fault) => input.attributable(fault.on));

const groupIntoStretches = (
  timetable: readonly TimetableWindow[],
  keyed: ReadonlySet<string>,
): TimetableWindow[][] => {
  const stretches: TimetableWindow[][] = [];
  let open: TimetableWindow[] | null = null;
  for (const window of timetable) {
    const continuous = window.shape === "control" || keyed.has(window.scenario);
    // Between looks the run may end: nothing of the next may have begun.
    if (continuous && open !== null && open[0]?.look === window.look) open.push(window);
    else {
      const next = [window];
      stretches.push(next);
      open = continuous ? next : null;
    }
  }
  return stretches;
};

/** The closed loops of a stretch, one a window; none with open arrivals. */
export const loopsOf = (windows: readonly PlannedWindow[]): ClosedLoop[] =>
  windows.flatMap(({ firstSlot, looped, offsetMs, durationMs, concurrency }) =>
    looped === 0
      ? []
      : [
          {
            firstSlot,
            endSlot: firstSlot + looped,
            startMs: offsetMs,
            endMs: offsetMs + durationMs,
            concurrency,
          },
        ],
  );

export interface Layout {
  readonly input: PlanInput;
  readonly byName: ReadonlyMap<string, Scenario>;
  readonly templates: ReadonlyMap<string, RequestTemplate>;
  readonly order: Pick<RequestOrder, "next">;
}

/** One stretch: its windows one after another from `firstIndex`, their requests drawn and marked. */
export const layStretch = (
  { input, byName, templates, order }: Layout,
  group: readonly TimetableWindow[],
  index: number,
  firstIndex: number,
): Stretch => {
  const { suite, seed } = input;
  const matching = { templates, headers: suite.workload.headers };
  const requests: PlannedRequest[] = [];
  const windows: PlannedWindow[] = [];
  let offsetMs = 0;
  for (const entry of group) {
    const scenario = byName.get(entry.scenario) ?? CONTROL;
    const { timesMs, looped, concurrency } = windowArrivals(
      suite.workload,
      input.requests,
      entry,
      scenario,
      seed,
    );
    const firstSlot = requests.length;
    const chosen = timesMs.map((atMs, place) => ({
      slot: firstSlot + place,
      atMs: offsetMs + atMs,
      ...order.next(),
    }));
    for (const request of markWindow(chosen, scenario, entry, seed, matching)) requests.push(request);
    windows.push({
      ...entry,
      index: firstIndex + windows.length,
      offsetMs,
      firstSlot,
      endSlot: requests.length,
      looped,
      concurrency,
    });
    offsetMs += entry.durationMs;
  }
  const inside = [...new Set(group.map(({ scenario }) => scenario))].flatMap(
    (name) => byName.get(name) ?? [],
  );
  return {
    index,
    shape: group.length > 1 ? "attributed" : (group[0]?.shape ?? "control"),
    windows,
    requests,
    faults: placeFaults(inside, windows, requests, seed, matching, (edge) => input.attributable(edge)),
    idleConnections: Math.max(
      0,
      ...inside.flatMap(({ faults }) =>
        faults.map((fault) => (fault.kind === "many-connections" ? fault.connections : 0)),
      ),
    ),
    durationMs: offsetMs,
  };
};

export const makePlan = (input: PlanInput): Plan => {
  const { suite, seed } = input;
  const scenarios = [CONTROL, ...suite.experiments.map(scenarioOf)];
  const keyed = new Set(
    scenarios.filter((scenario) => followsRequests(scenario, input)).map(({ name }) => name),
  );
  const timetable = layTimetable(suite, scenarios, input.requests.length);
  const layout: Layout = {
    input,
    byName: new Map(scenarios.map((scenario) => [scenario.name, scenario])),
    templates: new Map(input.requests.map((template) => [template.id, template])),
    order: new RequestOrder(input.requests, seed),
  };
  const stretches: Stretch[] = [];
  const windows: PlannedWindow[] = [];
  for (const group of groupIntoStretches(timetable.windows, keyed)) {
    const stretch = layStretch(layout, group, stretches.length, windows.length);
    stretches.push(stretch);
    windows.push(...stretch.windows);
  }
  const spare: Stretch[] = [];
  let next = windows.length;
  for (const group of groupIntoStretches(input.withSpare === true ? timetable.spare : [], keyed)) {
    const stretch = layStretch(layout, group, stretches.length + spare.length, next);
    spare.push(stretch);
    next += stretch.windows.length;
  }
  return {
    seed,
    scenarios,
    stretches,
    windows,
    spare,
    loadMs: windows.reduce((sum, { durationMs }) => sum + durationMs, 0),
    notes: timetable.notes,
  };
};

/** Everything that makes two runs twins: order, times, ids, hits and how they are struck. */
export const scheduleText = (plan: Plan): string =>
  JSON.stringify(
    plan.stretches.map((stretch) => [
      stretch.windows.map((window) => [window.scenario, window.round, window.durationMs]),
      stretch.requests.map((request) => [
        request.slot,
        Math.round(request.atMs * 1000),
        request.requestId,
        request.repetition,
        request.hit ? 1 : 0,
      ]),
      stretch.faults.map((placed) => [placed.fault, placed.marks.type, placed.seed]),
    ]),
  );
