import type { DependencySpec, Experiment } from "../../core/suite.ts";
import { faultSchema } from "../fault-schema.ts";
import { nearestOf, type PathPart, quoted, type RawProblem } from "../problems.ts";
import { placeFault } from "../suite-build.ts";
import type { ParsedSuite } from "../suite-schema.ts";
import { CLOUD } from "./cloud.ts";
import { E_COMMERCE } from "./e-commerce.ts";
import { FINANCE } from "./finance.ts";
import { IOT } from "./iot.ts";
import { LLM } from "./llm.ts";
import type { PackName } from "./names.ts";
import { type PackMember, type PackSurroundings, type PackTarget, rolesOf } from "./pack.ts";

export const PACKS: Readonly<Record<PackName, readonly PackMember[]>> = {
  finance: FINANCE,
  "e-commerce": E_COMMERCE,
  iot: IOT,
  cloud: CLOUD,
  llm: LLM,
};

/** Packs' names begin with the pack's, so that two packs and a person's own names live together. */
export const memberName = (pack: PackName, member: PackMember): string => `${pack}-${member.name}`;

export interface PackOptions {
  readonly dependencies: readonly DependencySpec[];
  readonly parsed: ParsedSuite;
  /** Path of the experiment that names the pack. */
  readonly path: readonly PathPart[];
  readonly only: readonly string[] | undefined;
  readonly except: readonly string[] | undefined;
}

export interface PackResult {
  readonly experiments: readonly Experiment[];
  readonly problems: readonly RawProblem[];
  readonly warnings: readonly RawProblem[];
}

const targetOf = ({ name, protocol, source }: DependencySpec): PackTarget => ({
  name,
  tcp: protocol === "tcp",
  process: source.type === "command" || source.type === "container",
});

const SERVICE: PackTarget = { name: "service", tcp: false, process: true };

/** Targets of a member, or why there is none. */
const targetsOf = (member: PackMember, options: PackOptions): readonly PackTarget[] | string => {
  const { runtime } = options.parsed;
  if (member.needs === "container" && runtime !== "docker" && runtime !== "kubernetes")
    return `it needs runtime docker or kubernetes, and this suite says ${runtime}`;
  if (member.roles === undefined) return [SERVICE];
  const held = member.roles.map((role) =>
    options.dependencies
      .filter((each) => (role === "any" ? !rolesOf(each).includes("model") : rolesOf(each).includes(role)))
      .map(targetOf),
  );
  // A role whose holders cannot take the fault (a database on tcp, a fault of HTTP) gives way to the next role.
  const fits = held.map((targets) => targets.filter((target) => canTake(member, target)));
  const targets = fits.find((found) => found.length > 0);
  if (targets !== undefined) return member.once === true ? targets.slice(0, 1) : targets;
  if (held.some((found) => found.length > 0)) return `it ${UNMET[member.needs ?? "http"]}`;
  const roles = member.roles.filter((role) => role !== "any").join(" or ");
  return `no dependency is a ${roles || "service other than a model"}`;
};

const UNMET: Readonly<Record<NonNullable<PackMember["needs"]>, string>> = {
  http: "needs a dependency that speaks HTTP",
  process: "needs a dependency that squall starts (command, image, build or compose)",
  container: "needs a container",
};

const canTake = ({ needs }: PackMember, { tcp, process }: PackTarget): boolean =>
  needs === "http" ? !tcp : needs === "process" ? process : true;

const unknownNames = (pack: PackName, options: PackOptions): RawProblem[] => {
  const known = PACKS[pack].map((member) => memberName(pack, member));
  return (["only", "except"] as const).flatMap((key) =>
    (options[key] ?? []).flatMap((name, index): RawProblem[] => {
      if (known.includes(name)) return [];
      const nearest = nearestOf(name, known);
      return [
        {
          path: [...options.path, key, index],
          at: "value",
          code: "unknown-name",
          found: quoted(name),
          message: `Pack ${pack} has no experiment of this name`,
          allowed: known.join(", "),
          ...(nearest === undefined ? {} : { nearest }),
        },
      ];
    }),
  );
};

/**
 * A pack put into a suite: each member on the dependencies that have its role. What does not apply is left out, with a
 * warning that says why; what the suite asked for by `only` and cannot have is said the same way.
 */
export const expandPack = (pack: PackName, options: PackOptions): PackResult => {
  const problems = unknownNames(pack, options);
  const warnings: RawProblem[] = [];
  const experiments: Experiment[] = [];
  const surroundings: PackSurroundings = {
    rateRps: options.parsed.workload.rate ?? 20,
    replicas: options.parsed.service.replicas,
  };
  for (const member of PACKS[pack]) {
    const name = memberName(pack, member);
    if (options.only?.includes(name) === false || options.except?.includes(name) === true) continue;
    const targets = targetsOf(member, options);
    if (typeof targets === "string") {
      warnings.push({
        path: [...options.path, "pack"],
        at: "value",
        code: "dropped",
        found: pack,
        message: `${name} is left out: ${targets}`,
        allowed: "",
        remedy: `Add what is missing, or leave it out in so many words: except: [${name}].`,
      });
      continue;
    }
    for (const target of targets) {
      const faults = member
        .faults(target, surroundings)
        .map((fault) => placeFault(faultSchema.parse(fault), options.dependencies));
      const suffix = targets.length > 1 ? `-${target.name}` : "";
      experiments.push({ name: `${name}${suffix}`, faults, expect: [], pack });
    }
  }
  return { experiments, problems, warnings };
};
