/** What goes with the experiments of a training job alone, and what with those of a service alone. */
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { JOB_METRICS, metricFits } from "../../core/job/expectations.ts";
import { strikeCount } from "../../core/job/triggers.ts";
import type { HypothesisMetric } from "../../core/suite.ts";
import { KINDS_WITH_AFTER } from "../fault-schema/kind.ts";
import type { ParsedFault } from "../fault-schema.ts";
import { nearestOf, type PathPart, pathText, quoted } from "../problems.ts";
import { at, clash, type Report, type SuiteCheck } from "../suite-checks/check.ts";
import { JOB_DIRECTORIES } from "../suite-defaults.ts";
import type { ExperimentParts, SuiteParts } from "../suite-parts.ts";
import { triggerOf } from "./build.ts";
import { isJob } from "./checks.ts";

const ONLY_IN_JOBS = "only goes with a training job (workload.job)";
const NO_REQUESTS = "a training job (workload.job) has no requests";

/** They are over as soon as they have struck. */
const INSTANTS: ReadonlySet<string> = new Set(["kill", "node-replace"]);

const expectedOf = ({ head }: ExperimentParts): readonly HypothesisMetric[] =>
  Object.entries(head?.expect ?? {}).flatMap(([metric, value]) =>
    value === undefined ? [] : [metric as HypothesisMetric],
  );

const expectationsFit = (
  experiment: ExperimentParts,
  workload: "job" | "service",
  path: readonly PathPart[],
  { problem }: Report,
): void => {
  for (const metric of expectedOf(experiment)) {
    if (metricFits(metric, workload)) continue;
    problem(
      workload === "job"
        ? clash(
            [...path, "expect", metric],
            `${metric} is measured of requests, and ${NO_REQUESTS}`,
            JOB_METRICS.join(", "),
          )
        : clash(
            [...path, "expect", metric],
            `${metric} ${ONLY_IN_JOBS}`,
            "metrics of a service, see docs/suite.md",
          ),
    );
  }
};

const experimentFitsJob = (
  experiment: ExperimentParts,
  path: readonly PathPart[],
  flawed: boolean,
  report: Report,
) => {
  const { head, frontier } = experiment;
  if (head === undefined) return;
  const { problem } = report;
  if (frontier !== undefined)
    problem(
      clash(
        [...path, "frontier"],
        `A frontier is searched with requests, and ${NO_REQUESTS}`,
        "at and faults",
        "Write faults, with at.",
      ),
    );
  else if (head.pack !== undefined)
    problem(
      clash(
        [...path, "pack"],
        "Packs are for services",
        "name, at and faults",
        "Write the experiments by hand.",
      ),
    );
  else if (head.at === undefined && !flawed)
    problem(
      at([...path, "at"], {
        code: "missing-key",
        found: "nothing",
        message: "at is missing: when the faults strike the job",
        allowed: "exactly one of step, every, chance, save",
        remedy: "Write for example at: { step: 40 }, { every: 25 }, { chance: 10% } or { save: 1 }.",
      }),
    );
  expectationsFit(experiment, "job", path, report);
};

/** No requests to choose among, and no clients. */
const targetingFitsJob = (fault: ParsedFault, path: readonly PathPart[], { problem }: Report): void => {
  const { family, perRequest } = FAULT_CATALOGUE[fault.kind];
  if (family === "load") {
    problem(
      at([...path, "kind"], {
        code: "conflict",
        found: fault.kind,
        message: `${fault.kind} is something clients do, and ${NO_REQUESTS}`,
        allowed: "a fault on a dependency or a process",
      }),
    );
    return;
  }
  if (fault.on === "client" && family !== "process")
    problem(
      at([...path, "on"], {
        code: "conflict",
        found: quoted("client"),
        message: `client is the connection of requests, and ${NO_REQUESTS}`,
        allowed: "a dependency, or service",
      }),
    );
  // Of others it is told already that they work by the clock on everything.
  for (const key of perRequest ? (["first", "attempts"] as const) : [])
    if (fault[key] !== undefined)
      problem(
        clash(
          [...path, key],
          `${key} counts within requests, and ${NO_REQUESTS}`,
          "fraction (of calls), match, for, forSteps, after, strikes",
          `Remove ${key}.`,
        ),
      );
};

const timesFitJob = (
  fault: ParsedFault,
  path: readonly PathPart[],
  experiment: ExperimentParts,
  { workload }: SuiteParts,
  { problem }: Report,
): void => {
  for (const key of INSTANTS.has(fault.kind) ? (["for", "forSteps"] as const) : [])
    if (fault[key] !== undefined)
      problem(
        clash(
          [...path, key],
          `${fault.kind} is over at once: it takes no ${key}`,
          "restartAfter, after, strikes",
          `Remove ${key}.`,
        ),
      );
  const { head } = experiment;
  if (
    fault.after !== undefined &&
    head?.duration !== undefined &&
    fault.after >= head.duration &&
    !KINDS_WITH_AFTER.has(fault.kind)
  )
    problem(
      at([...path, "after"], {
        code: "conflict",
        found: `${fault.after} ms`,
        message: `The strike is over after ${head.duration} ms, before this fault begins`,
        allowed: `less than ${head.duration}ms`,
        remedy: "Lower after, or raise the experiment's duration.",
      }),
    );
  const trigger = head?.at === undefined ? null : triggerOf(head.at);
  const strikes =
    trigger === null || workload?.job === undefined ? null : strikeCount(trigger, workload.job.steps);
  if (
    fault.strikes !== undefined &&
    strikes !== null &&
    strikes > 0 &&
    Math.round(fault.strikes * strikes) === 0
  )
    problem(
      at([...path, "strikes"], {
        code: "conflict",
        found: String(fault.strikes),
        message: `This share of the experiment's ${strikes === 1 ? "one strike" : `${strikes} strikes`} is none`,
        allowed: `at least half a strike in ${strikes}`,
        remedy: "Raise strikes, or let the experiment strike more often.",
      }),
    );
};

/** A disk fault strikes a directory that is there. */
const pathFits = (fault: ParsedFault, path: readonly PathPart[], job: boolean, { problem }: Report): void => {
  if (!("path" in fault) || typeof fault.path !== "string") return;
  for (const [whole, inner = ""] of fault.path.matchAll(/\{\{([^{}]*)\}\}/g)) {
    const name = inner.trim();
    if (job && JOB_DIRECTORIES.includes(name) && fault.path.startsWith(whole)) continue;
    const nearest = job && !JOB_DIRECTORIES.includes(name) ? nearestOf(name, JOB_DIRECTORIES) : undefined;
    problem(
      at([...path, "path"], {
        code: "unknown-name",
        found: quoted(whole),
        message: !job
          ? `${whole} ${ONLY_IN_JOBS}`
          : JOB_DIRECTORIES.includes(name)
            ? `${whole} is a whole path, and stands behind another`
            : `${whole} is none of the job's directories`,
        allowed: job ? "a path that begins with {{checkpoints}} or {{disk}}, or a plain one" : "a plain path",
        ...(nearest === undefined ? {} : { nearest: `{{${nearest}}}` }),
      }),
    );
  }
};

const faultFitsService = (fault: ParsedFault, path: readonly PathPart[], { problem }: Report): void => {
  if (fault.kind === "node-replace")
    problem(
      at([...path, "kind"], {
        code: "conflict",
        found: fault.kind,
        message: `node-replace ${ONLY_IN_JOBS}`,
        allowed: "kill, or another kind",
        remedy: "Write kind: kill.",
      }),
    );
  for (const key of ["forSteps", "after", "strikes"] as const)
    if (fault[key] !== undefined && !(key === "after" && KINDS_WITH_AFTER.has(fault.kind)))
      problem(clash([...path, key], `${key} ${ONLY_IN_JOBS}`, "for"));
};

/** Each experiment is one of a job, or one of a service. */
export const experimentsFitWorkload: SuiteCheck = (parts, report) => {
  const job = isJob(parts);
  for (const [index, experiment] of parts.experiments.entries()) {
    const path = ["experiments", index];
    if (job) experimentFitsJob(experiment, path, parts.flawed.has(pathText(path)), report);
    else {
      for (const key of ["at", "duration"] as const)
        if (experiment.head?.[key] !== undefined)
          report.problem(clash([...path, key], `${key} ${ONLY_IN_JOBS}`, "name, faults, expect"));
      expectationsFit(experiment, "service", path, report);
    }
    for (const { fault, path: inner } of experiment.faults) {
      if (fault === undefined) continue;
      const place = [...path, ...inner];
      pathFits(fault, place, job, report);
      if (!job) faultFitsService(fault, place, report);
      else if (experiment.frontier === undefined) {
        targetingFitsJob(fault, place, report);
        timesFitJob(fault, place, experiment, parts, report);
      }
    }
  }
};

/** Only a worker has a node of its own. */
export const nodesAreWorkers: SuiteCheck = (parts, { problem }) => {
  for (const [index, { faults }] of parts.experiments.entries())
    for (const { fault, path } of faults)
      if (fault?.kind === "node-replace" && isJob(parts) && (fault.on ?? "service") !== "service")
        problem(
          at(["experiments", index, ...path, "on"], {
            code: "conflict",
            found: quoted(fault.on),
            message: "Only the job's own workers are moved to another machine",
            allowed: "service, or nothing",
            remedy: `Write kind: kill, on: ${fault.on ?? ""}, for a dependency that is restarted.`,
          }),
        );
};
