import { isJob } from "../job/checks.ts";
import { nearestOf, type PathPart, pathText, quoted } from "../problems.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";

/** Either name and faults, or name and frontier, or a pack. */
export const experimentIsOneThing: SuiteCheck = ({ experiments, flawed }, { problem }) => {
  for (const [index, { head, hasFaults, frontier }] of experiments.entries()) {
    if (head === undefined) continue;
    const path = ["experiments", index];
    const whole = !flawed.has(pathText(path));
    const missing = (key: string): void =>
      problem(
        at([...path, key], {
          code: "missing-key",
          found: "nothing",
          message: `${key} is missing`,
          allowed: "name and faults, name and frontier, or pack",
        }),
      );
    if (head.pack === undefined) {
      if (whole && head.name === undefined) missing("name");
      if (whole && !hasFaults && frontier === undefined) missing("faults");
      if (hasFaults && frontier !== undefined)
        problem(clash([...path, "faults"], "faults and frontier exclude each other", "one of the two"));
      for (const key of ["only", "except"] as const)
        if (head[key] !== undefined)
          problem(clash([...path, key], `${key} goes with pack`, "name, faults, expect"));
      continue;
    }
    for (const key of ["name", "expect", "at", "duration"] as const)
      if (head[key] !== undefined)
        problem(clash([...path, key], `${key} does not go with pack`, "pack, only, except"));
    if (hasFaults) problem(clash([...path, "faults"], "faults do not go with pack", "pack, only, except"));
    if (frontier !== undefined)
      problem(clash([...path, "frontier"], "frontier does not go with pack", "pack, only, except"));
    if (head.only !== undefined && head.except !== undefined)
      problem(clash([...path, "except"], "only and except exclude each other", "one of only and except"));
  }
};

/** Names are how findings, baselines and --experiment mean an experiment. */
export const experimentNamesDiffer: SuiteCheck = ({ experiments }, { problem }) => {
  const first = new Map<string, number>();
  for (const [index, { head }] of experiments.entries()) {
    const name = head?.name;
    if (name === undefined) continue;
    const path = ["experiments", index, "name"];
    const before = first.get(name);
    if (name === "control")
      problem(
        at(path, {
          code: "reserved-name",
          found: quoted(name),
          message: "control is the name of calm traffic",
          allowed: "any other name",
        }),
      );
    else if (before !== undefined)
      problem(
        at(path, {
          code: "duplicate",
          found: quoted(name),
          message: `experiments[${before}] has this name already`,
          allowed: "a name of its own",
        }),
      );
    else first.set(name, index);
  }
};

const callsName = (
  path: readonly PathPart[],
  calls: object | undefined,
  names: readonly string[],
  report: Report,
): void => {
  for (const name of Object.keys(calls ?? {})) {
    if (names.includes(name)) continue;
    const nearest = nearestOf(name, names);
    report.problem(
      at([...path, name], {
        at: "key",
        code: "unknown-name",
        found: quoted(name),
        message: "This names no dependency",
        allowed: names.length === 0 ? "a dependency's name; the suite has none" : names.join(", "),
        ...(nearest === undefined ? {} : { nearest }),
      }),
    );
  }
};

/** A hypothesis must have something to be true of. */
export const hypothesesFit: SuiteCheck = ({ experiments, dependencies, ...parts }, report) => {
  for (const [index, { head, faults, hasFaults, frontier }] of experiments.entries()) {
    const expect = head?.expect;
    // What a frontier expects has a check of its own, and so has a job.
    if (expect === undefined || frontier !== undefined || isJob(parts)) continue;
    const path = ["experiments", index, "expect"];
    callsName([...path, "callsPerRequest"], expect.callsPerRequest, [...dependencies.keys()], report);
    if (!hasFaults || faults.some(({ fault }) => fault === undefined)) continue;
    const kinds = faults.map(({ fault }) => fault?.kind);
    if (expect.recovery !== undefined && !kinds.includes("kill"))
      report.problem(
        clash(
          [...path, "recovery"],
          "recovery is measured after a kill, and this experiment has none",
          "a fault of kind kill, or other metrics",
        ),
      );
    if (expect.workAfterAbort !== undefined && !kinds.includes("client-abort"))
      report.problem(
        clash(
          [...path, "workAfterAbort"],
          "workAfterAbort is measured after client aborts, and this experiment has none",
          "a fault of kind client-abort, or other metrics",
        ),
      );
  }
};
