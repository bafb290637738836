import type * as z from "zod";
import { type ParsedToxiproxy, toxiproxySchema } from "./container-schema.ts";
import { faultSchema, faultTargetSchema, type ParsedFault } from "./fault-schema.ts";
import { type FrontierReading, readFrontier } from "./frontier/read.ts";
import { type PathPart, pathText } from "./problems.ts";
import {
  dependencySchema,
  type ParsedDependency,
  type ParsedService,
  serviceSchema,
} from "./process-schema.ts";
import { type RecoveryParts, recoveryParts } from "./recovery/parts.ts";
import { type ParsedReference, referenceSchema } from "./reference-schema.ts";
import {
  experimentHeadSchema,
  type ParsedExperimentHead,
  type ParsedWorkload,
  workloadSchema,
} from "./suite-schema.ts";

/**
 * A suite file in parts, each parsed by itself: what is broken in one place must not hide what is wrong in another,
 * so the checks across parts read these and pass over what is missing.
 */
export interface SuiteParts {
  readonly runtime: string;
  readonly toxiproxy: ParsedToxiproxy | undefined;
  readonly service: ParsedService | undefined;
  /** By name; undefined where the dependency itself does not parse. */
  readonly dependencies: ReadonlyMap<string, ParsedDependency | undefined>;
  readonly workload: ParsedWorkload | undefined;
  /** Keys that are written, whatever they say, of the file and of two of its maps; the latter null where they are no maps. */
  readonly written: {
    readonly suite: readonly string[];
    readonly service: readonly string[] | null;
    readonly workload: readonly string[] | null;
  };
  readonly reference: ParsedReference | undefined;
  readonly recovery: RecoveryParts | undefined;
  readonly experiments: readonly ExperimentParts[];
  /** Paths (`service`, `dependencies.llm`, `experiments[2]`) of parts with problems of their own: nothing is missing there for sure. */
  readonly flawed: ReadonlySet<string>;
  /** ms; undefined where it does not parse. */
  readonly budgetMs: number | undefined;
}

export interface ExperimentParts {
  readonly head: ParsedExperimentHead | undefined;
  /** Those of `faults`; of a frontier the one fault, at its hardest. */
  readonly faults: readonly FaultPart[];
  readonly hasFaults: boolean;
  /** Undefined where there is none. */
  readonly frontier: FrontierReading | undefined;
}

export interface FaultPart {
  /** Where it stands in its experiment. */
  readonly path: readonly PathPart[];
  /** Undefined where not even its kind and target can be read. */
  readonly fault: ParsedFault | undefined;
  /** False: its own parameters are wrong, only kind and targeting count. */
  readonly whole: boolean;
}

/**
 * What parses of a value: all of it, or what is left without the entries that have problems of their own (reported
 * already); undefined where something required is among those.
 */
const parsedOr = <T>(
  schema: z.ZodType<T>,
  value: unknown,
  flawed: () => void = () => undefined,
): T | undefined => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  flawed();
  const broken = new Set(
    result.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [issue.path[0]],
    ),
  );
  const rest = Object.fromEntries(Object.entries(asMap(value)).filter(([key]) => !broken.has(key)));
  return schema.safeParse(rest).data;
};

const faultPart = (value: unknown, place: number): FaultPart => {
  const path = ["faults", place];
  const whole = faultSchema.safeParse(value);
  return whole.success
    ? { path, fault: whole.data, whole: true }
    : { path, fault: parsedOr(faultTargetSchema, value), whole: false };
};

/** What stands under an experiment's `faults` and `frontier`. */
const strikes = (experiment: Readonly<Record<string, unknown>>): Omit<ExperimentParts, "head"> => {
  const { faults, frontier } = experiment;
  const reading = frontier === undefined ? undefined : readFrontier(frontier);
  const hardest = reading?.ok === true ? reading.frontier.faults.at(-1) : undefined;
  return {
    faults: [
      ...asList(faults).map(faultPart),
      ...(hardest === undefined ? [] : [{ path: ["frontier"], fault: hardest, whole: true }]),
    ],
    hasFaults: faults !== undefined,
    frontier: reading,
  };
};

const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const keysOf = (value: unknown): readonly string[] | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : null;

/** Never throws; takes anything. */
export const suiteParts = (value: unknown, budgetMs: number | undefined): SuiteParts => {
  const raw = asMap(value);
  const flawed = new Set<string>();
  const part = <T>(schema: z.ZodType<T>, each: unknown, ...path: PathPart[]): T | undefined =>
    parsedOr(schema, each, () => flawed.add(pathText(path)));
  return {
    runtime: typeof raw["runtime"] === "string" ? raw["runtime"] : "auto",
    toxiproxy: part(toxiproxySchema, raw["toxiproxy"] ?? {}, "toxiproxy"),
    service: part(serviceSchema, raw["service"], "service"),
    dependencies: new Map(
      Object.entries(asMap(raw["dependencies"])).map(([name, each]) => [
        name,
        part(dependencySchema, each, "dependencies", name),
      ]),
    ),
    workload: part(workloadSchema, raw["workload"], "workload"),
    written: {
      suite: Object.keys(raw),
      service: keysOf(raw["service"]),
      workload: keysOf(raw["workload"]),
    },
    reference:
      raw["reference"] === undefined ? undefined : part(referenceSchema, raw["reference"], "reference"),
    recovery: recoveryParts(raw["recovery"]),
    experiments: asList(raw["experiments"]).map((each, index) => ({
      head: part(experimentHeadSchema, each, "experiments", index),
      ...strikes(asMap(each)),
    })),
    flawed,
    budgetMs,
  };
};
