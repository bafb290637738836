import type { Condition } from "../../core/recovery-policy/rule.ts";
import { isEdgeRemedy, type Remedy } from "../../core/remedy/remedy.ts";
import { nearestOf, type PathPart, quoted, type RawProblem } from "../problems.ts";
import { dependencyProtocol } from "../process-build.ts";
import type { SuiteParts } from "../suite-parts.ts";
import { at, type SuiteCheck } from "./check.ts";

type Names = Pick<SuiteParts, "dependencies">;

const unknownName = (
  path: readonly PathPart[],
  name: string,
  message: string,
  known: readonly string[],
): RawProblem => {
  const nearest = nearestOf(name, known);
  return at(path, {
    code: "unknown-name",
    found: quoted(name),
    message,
    allowed: known.length === 0 ? "nothing: the suite has no such dependency" : known.join(", "),
    ...(nearest === undefined ? {} : { nearest }),
  });
};

const misplaced = (path: readonly PathPart[], name: string, message: string, allowed: string): RawProblem =>
  at(path, { code: "conflict", found: quoted(name), message, allowed });

/** Undefined: not a dependency, or one that does not parse and whose problems are told already. */
const traitsOf = (name: string, { dependencies }: Names) => {
  const dependency = dependencies.get(name);
  if (dependency === undefined) return undefined;
  const { stub, url, cassette } = dependency;
  return {
    tcp: dependencyProtocol(dependency) === "tcp",
    process: stub === undefined && url === undefined && cassette === undefined,
  };
};

const namesWith = (names: Names, trait: "process" | "http"): readonly string[] =>
  [...names.dependencies.keys()].filter((name) => {
    const traits = traitsOf(name, names);
    return traits === undefined || (trait === "process" ? traits.process : !traits.tcp);
  });

const conditionProblem = (
  { figure, of }: Condition,
  path: readonly PathPart[],
  names: Names,
): RawProblem | null => {
  if (of === undefined) return null;
  const known = [...names.dependencies.keys()];
  if (!names.dependencies.has(of)) return unknownName(path, of, "This names no dependency", known);
  const traits = traitsOf(of, names);
  if (traits === undefined) return null;
  if ((figure === "cpu" || figure === "memory") && !traits.process)
    return misplaced(
      path,
      of,
      `${of} has no process of ours whose ${figure} could be seen`,
      ["errorRate", "p95", "inFlight"].map((each) => `${each} of ${of}`).join(", "),
    );
  if ((figure === "errorRate" || figure === "p95") && traits.tcp)
    return misplaced(
      path,
      of,
      `${of} speaks tcp: bytes are relayed unread, and no request is told from another`,
      `inFlight of ${of} (connections)`,
    );
  return null;
};

const remedyProblem = (remedy: Remedy, path: readonly PathPart[], names: Names): RawProblem | null => {
  const { on } = remedy;
  if (!isEdgeRemedy(remedy)) {
    if (on === "service") return null;
    const known = ["service", ...namesWith(names, "process")];
    if (!names.dependencies.has(on)) return unknownName(path, on, "This names no process", known);
    return traitsOf(on, names)?.process === false
      ? misplaced(path, on, `${on} has no process of ours`, known.join(", "))
      : null;
  }
  const known = namesWith(names, "http");
  if (!names.dependencies.has(on))
    return unknownName(path, on, "This names no dependency, and this remedy stands on an edge", known);
  return traitsOf(on, names)?.tcp === true
    ? misplaced(
        path,
        on,
        `${on} speaks tcp: bytes are relayed unread, and remedies of an edge need requests`,
        known.join(", "),
      )
    : null;
};

/** Rules speak of what is there. */
export const recoveryFits: SuiteCheck = (parts, { problem }) => {
  const { recovery } = parts;
  if (recovery === undefined) return;
  for (const [index, { when, do: remedy }] of recovery.rules.entries()) {
    const path = ["recovery", "rules", index];
    for (const found of [
      when === null ? null : conditionProblem(when, [...path, "when"], parts),
      remedy === null ? null : remedyProblem(remedy, [...path, "do"], parts),
    ])
      if (found !== null) problem(found);
  }
  if (recovery.idle)
    problem(
      at(["recovery"], {
        at: "key",
        code: "missing-key",
        found: "nothing",
        message: "A recovery policy needs rules, or learn: true",
        allowed: "rules, learn: true, or both",
        remedy: 'Write for example rules: [{ when: "cpu > 90% for 3s", do: cpus x2 }].',
      }),
    );
};

/** Experiments that the policy names, once packs are expanded. */
export const recoveryExperimentsExist = (
  named: readonly string[],
  experiments: readonly { readonly name: string }[],
  frontiers: readonly { readonly name: string }[],
): readonly RawProblem[] =>
  named.flatMap((name, index) => {
    const path = ["recovery", "experiments", index];
    const known = experiments.map((each) => each.name);
    if (known.includes(name)) return [];
    return frontiers.some((each) => each.name === name)
      ? [misplaced(path, name, "A frontier has no fixed strength to recover from", known.join(", "))]
      : [unknownName(path, name, "This names no experiment", known)];
  });
