import type { ParsedFault } from "../fault-schema.ts";
import type { PathPart, RawProblem } from "../problems.ts";
import type { SuiteParts } from "../suite-parts.ts";

/** Where a check puts what it finds. */
export interface Report {
  /** The suite is refused. */
  readonly problem: (problem: RawProblem) => void;
  /** The suite runs, but a person should know. */
  readonly warning: (problem: RawProblem) => void;
}

/** One rule on each fault. */
export type FaultRule = (
  fault: ParsedFault,
  path: readonly PathPart[],
  parts: SuiteParts,
  report: Report,
) => void;

/** One rule across the parts of a suite. */
export type SuiteCheck = (parts: SuiteParts, report: Report) => void;

type Words = Omit<RawProblem, "path" | "at"> & { readonly at?: "key" | "value" };

/** A problem at a path; at the value unless said. */
export const at = (path: readonly PathPart[], words: Words): RawProblem => ({ at: "value", ...words, path });

/** A key that is not allowed beside another. */
export const clash = (
  path: readonly PathPart[],
  message: string,
  allowed: string,
  remedy?: string,
): RawProblem =>
  at(path, {
    at: "key",
    code: "conflict",
    found: String(path.at(-1)),
    message,
    allowed,
    ...(remedy === undefined ? {} : { remedy }),
  });
