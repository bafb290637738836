import { jobFits, jobHasNoService, jobNamesAreFree, triggersFit, workloadIsOneThing } from "../job/checks.ts";
import { experimentsFitWorkload, nodesAreWorkers } from "../job/experiment-checks.ts";
import type { SuiteCheck } from "./check.ts";
import { containersFit } from "./containers.ts";
import { dependencyHasOneSource, dependencyNames } from "./dependencies.ts";
import { toxiproxyUrlFits } from "./engines.ts";
import { experimentIsOneThing, experimentNamesDiffer, hypothesesFit } from "./experiments.ts";
import { faultsFit } from "./faults.ts";
import { frontiersFit } from "./frontiers.ts";
import { noLiteralSecrets, pathsStayInside } from "./paths.ts";
import { serviceIsStartable, substitutionsExist } from "./processes.ts";
import { recoveryFits } from "./recovery.ts";
import { referenceIsOneThing } from "./reference.ts";
import { signalsFit } from "./signals.ts";
import { arrivalsFit, budgetIsEnough, deadlinesNest } from "./workload.ts";

/** Everything that is checked across the parts of a suite. */
export const SUITE_CHECKS: readonly SuiteCheck[] = [
  serviceIsStartable,
  dependencyNames,
  dependencyHasOneSource,
  containersFit,
  toxiproxyUrlFits,
  substitutionsExist,
  pathsStayInside,
  noLiteralSecrets,
  arrivalsFit,
  deadlinesNest,
  budgetIsEnough,
  experimentIsOneThing,
  experimentNamesDiffer,
  faultsFit,
  hypothesesFit,
  frontiersFit,
  referenceIsOneThing,
  signalsFit,
  recoveryFits,
  workloadIsOneThing,
  jobHasNoService,
  jobNamesAreFree,
  jobFits,
  triggersFit,
  experimentsFitWorkload,
  nodesAreWorkers,
];
