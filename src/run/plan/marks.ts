import { requestKey } from "../../core/exchange.ts";
import type { Fault } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { blockLength, exactMarks } from "../../core/placement.ts";
import type { Scenario } from "../../core/profile.ts";
import { subSeed } from "../../core/random.ts";
import { type RequestHead, requestFits } from "../../core/request-match.ts";
import type { RequestTemplate } from "../../core/workload.ts";
import type { PlacedEngineFault, PlannedRequest } from "../ports.ts";
import type { TimetableWindow } from "./timetable.ts";

type Unmarked = Omit<PlannedRequest, "hit" | "abortAfterEvents">;

/** Blocks of the pattern by which unattributable calls are struck, before it repeats. */
const PATTERN_BLOCKS = 40;

/** What a client request is matched by: the set's templates, and the headers the workload adds to all of them. */
export interface Matching {
  readonly templates: ReadonlyMap<string, RequestTemplate>;
  readonly headers: Readonly<Record<string, string>>;
}

/** As long as the real one, which no match can mean. */
const filled = (text: string): string => text.replaceAll("{{nonce}}", "nonce-0000000000000000");

/** The head with which the generator will send a template: its own headers stand over the workload's. */
export const sentHead = (
  template: RequestTemplate,
  workloadHeaders: Readonly<Record<string, string>>,
): RequestHead => {
  const headers = new Map(
    [...Object.entries(workloadHeaders), ...Object.entries(template.headers)].map(([name, value]) => [
      name.toLowerCase(),
      filled(value),
    ]),
  );
  if (template.body !== undefined && !headers.has("content-type"))
    headers.set("content-type", "application/json");
  return {
    method: template.method.toUpperCase(),
    path: filled(template.path),
    header: (name) => headers.get(name),
  };
};

/** On the client's edge the plan knows what will be sent; what a dependency is asked only the sidecar sees. */
const couldStrike = (fault: Fault, template: RequestTemplate | undefined, matching: Matching): boolean =>
  fault.on !== "client" ||
  fault.match === undefined ||
  template === undefined ||
  requestFits(fault.match, sentHead(template, matching.headers));

/** Marks of one fault over one window's requests: exact among those it could strike. */
const marksOf = (
  fault: Fault,
  faultIndex: number,
  requests: readonly Unmarked[],
  window: TimetableWindow,
  seed: number,
  matching: Matching,
): boolean[] => {
  const fitting = new Map<string, boolean>();
  const eligible = requests.map(({ requestId }) => {
    const fits = fitting.get(requestId) ?? couldStrike(fault, matching.templates.get(requestId), matching);
    fitting.set(requestId, fits);
    return fits;
  });
  const count = eligible.filter(Boolean).length;
  const drawn = exactMarks(
    seed,
    `${window.scenario}/${faultIndex}/${window.round}/${window.place}`,
    count,
    fault.fraction,
  );
  let next = 0;
  return eligible.map((can) => can && (drawn[next++] ?? false));
};

/** Adds to each request of a window whether its scenario's faults strike it, and whether its client hangs up. */
export const markWindow = (
  requests: readonly Unmarked[],
  scenario: Scenario,
  window: TimetableWindow,
  seed: number,
  matching: Matching,
): PlannedRequest[] => {
  const hits = requests.map(() => false);
  const aborts: (number | undefined)[] = requests.map(() => undefined);
  scenario.faults.forEach((fault, faultIndex) => {
    const marks = marksOf(fault, faultIndex, requests, window, seed, matching);
    marks.forEach((marked, place) => {
      if (!marked) return;
      hits[place] = true;
      if (fault.kind === "client-abort") aborts[place] = fault.afterEvents;
    });
  });
  return requests.map((request, place) => {
    const abortAfterEvents = aborts[place];
    return {
      ...request,
      hit: hits[place] ?? false,
      ...(abortAfterEvents === undefined ? {} : { abortAfterEvents }),
    };
  });
};

export const placedFaultId = (scenario: string, faultIndex: number): string =>
  `${scenario}#${faultIndex + 1}`;

const isInjected = (fault: Fault): boolean => FAULT_CATALOGUE[fault.kind].family !== "load";

/**
 * The faults of a stretch with the calls they strike. Keys where the edge's calls can be attributed; all calls for
 * outages; else an exact pattern over the running number of the call.
 */
export const placeFaults = (
  scenarios: readonly Scenario[],
  windows: readonly (TimetableWindow & { readonly firstSlot: number; readonly endSlot: number })[],
  requests: readonly PlannedRequest[],
  seed: number,
  matching: Matching,
  attributable: (edge: string) => boolean,
): PlacedEngineFault[] =>
  scenarios.flatMap((scenario) => {
    const own = windows.filter((window) => window.scenario === scenario.name);
    return scenario.faults.flatMap((fault, faultIndex): PlacedEngineFault[] => {
      if (!isInjected(fault)) return [];
      const id = placedFaultId(scenario.name, faultIndex);
      const round = own[0]?.round ?? 0;
      const placed = { id, fault, seed: subSeed(seed, "fault", id, own.length > 1 ? "all" : round) };
      if (fault.fraction >= 1 && scenario.shape !== "attributed")
        return [{ ...placed, marks: { type: "all" as const } }];
      if (attributable(fault.on)) {
        const keys = own.flatMap((window) => {
          const inside = requests.slice(window.firstSlot, window.endSlot);
          const marks = marksOf(fault, faultIndex, inside, window, seed, matching);
          return inside
            .filter((_, place) => marks[place])
            .map((request) => requestKey(request.requestId, request.repetition));
        });
        return [{ ...placed, marks: { type: "keys" as const, keys } }];
      }
      const pattern = exactMarks(
        seed,
        `${id}/pattern/${round}`,
        blockLength(fault.fraction) * PATTERN_BLOCKS,
        fault.fraction,
      );
      return [{ ...placed, marks: { type: "pattern" as const, pattern } }];
    });
  });
