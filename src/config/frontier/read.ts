/** A frontier as written, read as far as it can be without the suite around it: its range, and the fault at each level. */
import type { FrontierRange } from "../../core/frontier/range.ts";
import { faultConflict, faultSchema, type ParsedFault } from "../fault-schema.ts";
import { IssueReader } from "../issues.ts";
import { quoted, type RawProblem } from "../problems.ts";
import { type Ends, levelsOf, readEnds } from "./levels.ts";
import { frontierSchema, type ParsedFrontier } from "./schema.ts";

export interface ReadFrontier {
  readonly range: FrontierRange;
  /** One a level. */
  readonly faults: readonly ParsedFault[];
}

export type FrontierReading =
  | { readonly ok: true; readonly frontier: ReadFrontier }
  /** Paths start at the frontier. Empty: its own schema has told what is wrong. */
  | { readonly ok: false; readonly problems: readonly RawProblem[] };

/** Their effect is not seen in single requests, or takes the requests away. */
const NOT_SEARCHED: ReadonlySet<string> = new Set(["kill", "node-replace", "client-abort"]);

const failed = (...problems: RawProblem[]): FrontierReading => ({ ok: false, problems });

const value = (path: string, words: Omit<RawProblem, "path" | "at">): RawProblem => ({
  path: [path],
  at: "value",
  ...words,
});

/** The fault as a person would have written it with this value. */
const written = (parsed: ParsedFrontier, level: string | number): Readonly<Record<string, unknown>> => {
  const { fault, of, from: _, to: __, ...rest } = parsed;
  return { kind: fault, ...rest, [of]: level };
};

/** What is wrong with the fault at its hard end; what concerns the varied parameter is told of the keys that say it. */
const faultProblems = (parsed: ParsedFrontier, ends: Ends): readonly RawProblem[] => {
  const hardest = written(parsed, ends.quantity.write(ends.to));
  const result = faultSchema.safeParse(hardest);
  if (result.success) return [];
  const found = new IssueReader(faultSchema).read(result.error.issues, hardest);
  const mistyped = found.some(({ code, path }) => code === "unknown-key" && path[0] === parsed.of);
  // The parameter that was meant is missing because of that.
  const told = mistyped ? found.filter(({ code }) => code !== "missing-key") : found;
  return told.map((problem): RawProblem => {
    const [first, ...rest] = problem.path;
    if (first === "kind") return { ...problem, path: ["fault", ...rest] };
    if (first !== parsed.of) return problem;
    if (problem.code !== "unknown-key") return { ...problem, path: ["to", ...rest], at: "value" };
    return {
      ...problem,
      path: ["of"],
      at: "value",
      found: quoted(parsed.of),
      message: `${parsed.fault} has no parameter of this name`,
    };
  });
};

const parses = (parsed: ParsedFrontier, ends: Ends, level: number): ParsedFault | undefined =>
  faultSchema.safeParse(written(parsed, ends.quantity.write(level))).data;

/** The fault at each level; in whole numbers where the parameter takes no others. */
const faultsAt = (parsed: ParsedFrontier, ends: Ends): ReadFrontier | undefined => {
  for (const whole of [false, true]) {
    const levels = levelsOf(ends, whole);
    const faults = levels.flatMap((level) => parses(parsed, ends, level) ?? []);
    if (
      levels.length === 0 ||
      faults.length < levels.length ||
      faults.some((fault) => faultConflict(fault) !== undefined)
    )
      continue;
    const { of: parameter } = parsed;
    return { range: { parameter, unit: ends.quantity.unit, from: ends.from, levels }, faults };
  }
  return undefined;
};

/** Takes anything, and never throws. */
export const readFrontier = (raw: unknown): FrontierReading => {
  const { data: parsed } = frontierSchema.safeParse(raw);
  if (parsed === undefined) return failed();
  if (NOT_SEARCHED.has(parsed.fault))
    return failed(
      value("fault", {
        code: "unsupported",
        found: quoted(parsed.fault),
        message: `How much of ${parsed.fault} is tolerated cannot be searched for`,
        allowed: "a fault whose effect shows in the requests that meet it",
        remedy: "Write it as an experiment with faults and expect.",
      }),
    );
  const ends = readEnds(parsed.from, parsed.to);
  if ("message" in ends || ends.from === ends.to) {
    const { end, message } =
      "message" in ends ? ends : { end: "to" as const, message: "from and to are the same" };
    return failed(
      value(end, {
        code: "wrong-value",
        found: quoted(String(parsed[end])),
        message: `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`,
        allowed: 'two of a kind, such as "0ms" and "5s", "1%" and "100%", or 2 and 0.25',
        remedy: "Write both with their units, as in a fault.",
      }),
    );
  }
  const problems = faultProblems(parsed, ends);
  if (problems.length > 0) return failed(...problems);
  const frontier = faultsAt(parsed, ends);
  if (frontier !== undefined) return { ok: true, frontier };
  return failed(
    value("from", {
      code: "wrong-value",
      found: quoted(String(parsed.from)),
      message: `Between from and to there are values that ${parsed.of} of ${parsed.fault} cannot have`,
      allowed: "two ends with nothing but valid values between them",
    }),
  );
};
