import * as z from "zod";
import { faultSchema, type ParsedFault } from "./fault-schema.ts";
import {
  dependencySchema,
  experimentHeadSchema,
  type ParsedDependency,
  type ParsedExperimentHead,
  type ParsedService,
  type ParsedWorkload,
  serviceSchema,
  workloadSchema,
} from "./suite-schema.ts";

/**
 * A suite file in parts, each parsed by itself: what is broken in one place must not hide what is wrong in another,
 * so the checks across parts read these and pass over what is missing.
 */
export interface SuiteParts {
  readonly runtime: string;
  readonly service: ParsedService | undefined;
  /** By name; undefined where the dependency itself does not parse. */
  readonly dependencies: ReadonlyMap<string, ParsedDependency | undefined>;
  readonly workload: ParsedWorkload | undefined;
  readonly experiments: readonly ExperimentParts[];
  /** ms; undefined where it does not parse. */
  readonly budgetMs: number | undefined;
}

export interface ExperimentParts {
  readonly head: ParsedExperimentHead | undefined;
  readonly faults: readonly (ParsedFault | undefined)[];
  readonly hasFaults: boolean;
}

const parsedOr = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
};

const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Never throws; takes anything. */
export const suiteParts = (value: unknown, budgetMs: number | undefined): SuiteParts => {
  const raw = asMap(value);
  return {
    runtime: typeof raw["runtime"] === "string" ? raw["runtime"] : "auto",
    service: parsedOr(serviceSchema, raw["service"]),
    dependencies: new Map(
      Object.entries(asMap(raw["dependencies"])).map(([name, each]) => [
        name,
        parsedOr(dependencySchema, each),
      ]),
    ),
    workload: parsedOr(workloadSchema, raw["workload"]),
    experiments: asList(raw["experiments"]).map((each) => ({
      head: parsedOr(experimentHeadSchema, each),
      faults: asList(asMap(each)["faults"]).map((fault) => parsedOr(faultSchema, fault)),
      hasFaults: asMap(each)["faults"] !== undefined,
    })),
    budgetMs,
  };
};
