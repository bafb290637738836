import type { EdgeFault, EdgeFaultKind } from "../core/fault.ts";
import type { Attribution, FaultState, Marks, PlacedFault } from "../core/sidecar-protocol.ts";
import { FAULTS } from "./faults/registry.ts";

/** A body (or parameter) of a control call that does not fit. Its message says what is wrong where. */
export class BodyProblem extends Error {
  override readonly name = "BodyProblem";
}

/** Longest delay of a timer in Node (2^31 - 1 ms, 24 days). */
export const MAX_DEADLINE_MS = 2_147_483_647;
const BYTE_KINDS: ReadonlySet<string> = new Set<EdgeFaultKind>([
  "latency",
  "bandwidth",
  "slicer",
  "blackhole",
  "refuse",
  "reset",
  "close",
  "slow-close",
  "limit-data",
  "connection-limit",
  "idle-cut",
]);

export type Json = Readonly<Record<string, unknown>>;

/**
 * The shape of a state is checked here; the parameters of each fault were checked by config, which made them. (The
 * sidecar imports core alone, and its control port answers the run's own token only.)
 */
export const parseState = (
  body: unknown,
  edges: readonly { readonly name: string; readonly protocol: "http" | "tcp" }[],
): FaultState => {
  const state = object(body, "body");
  const faults = array(state["faults"], "faults").map((item, index) =>
    placedFault(item, `faults[${index}]`, edges),
  );
  const ids = new Set(faults.map((fault) => fault.id));
  if (ids.size < faults.length) throw new BodyProblem("faults: two have the same id");
  return {
    revision: integer(state["revision"], "revision"),
    faults,
    deadlineMs: within(state["deadlineMs"], "deadlineMs", MAX_DEADLINE_MS),
  };
};

export const parseAttribution = (body: unknown): Attribution => {
  const attribution = object(body, "body");
  if (typeof attribution["learn"] !== "boolean") throw new BodyProblem("learn: must be true or false");
  return {
    learn: attribution["learn"],
    texts: array(attribution["texts"], "texts").map((item, index) => {
      const entry = object(item, `texts[${index}]`);
      return {
        requestId: string(entry["requestId"], `texts[${index}].requestId`),
        text: string(entry["text"], `texts[${index}].text`),
      };
    }),
  };
};

const placedFault = (
  item: unknown,
  at: string,
  edges: readonly { readonly name: string; readonly protocol: "http" | "tcp" }[],
): PlacedFault => {
  const placed = object(item, at);
  const fault = object(placed["fault"], `${at}.fault`);
  const kind = string(fault["kind"], `${at}.fault.kind`);
  const on = string(fault["on"], `${at}.fault.on`);
  if (!Object.hasOwn(FAULTS, kind))
    throw new BodyProblem(`${at}.fault.kind: the sidecar has no fault "${kind}"`);
  const edge = edges.find(({ name }) => name === on);
  if (edge === undefined) {
    const names = edges.map(({ name }) => name).join(", ");
    throw new BodyProblem(`${at}.fault.on: no edge "${on}" (edges: ${names})`);
  }
  if (edge.protocol === "tcp" && !BYTE_KINDS.has(kind)) {
    throw new BodyProblem(`${at}.fault.kind: "${kind}" needs an http edge, "${on}" relays bytes unread`);
  }
  const { attempts, first, forMs } = fault;
  if (attempts !== "all") within(attempts, `${at}.fault.attempts`, Number.MAX_SAFE_INTEGER);
  if (first !== undefined) integer(first, `${at}.fault.first`);
  if (forMs !== undefined) within(forMs, `${at}.fault.forMs`, MAX_DEADLINE_MS);
  return {
    id: string(placed["id"], `${at}.id`),
    fault: fault as unknown as EdgeFault,
    marks: marks(placed["marks"], `${at}.marks`),
    seed: integer(placed["seed"], `${at}.seed`),
  };
};

const marks = (value: unknown, at: string): Marks => {
  const given = object(value, at);
  switch (given["type"]) {
    case "all":
      return { type: "all" };
    case "keys":
      return {
        type: "keys",
        keys: array(given["keys"], `${at}.keys`).map((key, index) => string(key, `${at}.keys[${index}]`)),
      };
    case "pattern": {
      const pattern = array(given["pattern"], `${at}.pattern`).map((mark) => mark === true);
      if (pattern.length === 0) throw new BodyProblem(`${at}.pattern: must not be empty`);
      return { type: "pattern", pattern };
    }
    default:
      throw new BodyProblem(`${at}.type: must be "all", "keys" or "pattern"`);
  }
};

export const object = (value: unknown, at: string): Json => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BodyProblem(`${at}: must be an object`);
  }
  return value as Json;
};

export const array = (value: unknown, at: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new BodyProblem(`${at}: must be a list`);
  return value as readonly unknown[];
};

export const string = (value: unknown, at: string): string => {
  if (typeof value !== "string") throw new BodyProblem(`${at}: must be a text`);
  return value;
};

const integer = (value: unknown, at: string): number => {
  if (!Number.isSafeInteger(value)) throw new BodyProblem(`${at}: must be a whole number`);
  return value as number;
};

export const within = (value: unknown, at: string, most: number): number => {
  if (typeof value !== "number" || !(value > 0 && value <= most)) {
    throw new BodyProblem(`${at}: must be a number above 0 and at most ${most}`);
  }
  return value;
};
