/** What stands around the experiments: requests, load, dependencies, paths. The head's is measured; it can only be told. */
import type { DependencySpec, ServiceSpec } from "../suite.ts";
import type { Deadlines, Workload } from "../workload.ts";
import { exactMs, exactNumber } from "./exactly.ts";
import { told } from "./told.ts";
import type { GateSource, Weakening } from "./weakening.ts";
import { jobWeakenings } from "./weakening-job.ts";

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const requests = (base: GateSource, head: GateSource): readonly Weakening[] => {
  if (base.requestSetHash === head.requestSetHash) return [];
  const [there, here] = [new Set(base.requestIds), new Set(head.requestIds)];
  const gone = base.requestIds.filter((id) => !here.has(id)).length;
  const added = head.requestIds.filter((id) => !there.has(id)).length;
  const kept = base.requestIds.length - gone;
  const parts = [
    ...(gone > 0 ? [`${gone} removed`] : []),
    ...(added > 0 ? [`${added} added`] : []),
    ...(gone === 0 && added === 0
      ? ["the same names with other content or in another order"]
      : [`${kept} kept`]),
  ];
  return [
    told(
      `The request set was changed: ${parts.join(", ")} (${plural(head.requestIds.length, "request")} now)`,
    ),
  ];
};

const DEADLINES: readonly (keyof Deadlines)[] = [
  "connectMs",
  "headersMs",
  "firstContentMs",
  "silenceMs",
  "totalMs",
];

const load = (base: Workload, head: Workload): readonly Weakening[] => {
  const open = (workload: Workload): boolean => workload.arrivals !== "closed";
  const longer = DEADLINES.filter((name) => head.deadlines[name] > base.deadlines[name]);
  return [
    ...(open(base) && !open(head)
      ? [told("The load became a closed loop: a slow service is asked less")]
      : []),
    ...(open(base) && open(head) && head.rateRps < base.rateRps
      ? [
          told(
            `workload.rate was lowered from ${exactNumber(base.rateRps)}/s to ${exactNumber(head.rateRps)}/s`,
          ),
        ]
      : []),
    ...(!open(base) && !open(head) && head.concurrency < base.concurrency
      ? [told(`workload.concurrency was lowered from ${base.concurrency} to ${head.concurrency}`)]
      : []),
    ...(head.sloMs > base.sloMs
      ? [told(`workload.slo was loosened from ${exactMs(base.sloMs)} to ${exactMs(head.sloMs)}`)]
      : []),
    ...longer.map((name) =>
      told(
        `workload.deadlines.${name.slice(0, -2)} was lengthened from ${exactMs(base.deadlines[name])} to ${exactMs(head.deadlines[name])}`,
      ),
    ),
  ];
};

const KINDS: Readonly<Record<DependencySpec["source"]["type"], string>> = {
  stub: "a stub",
  command: "a command",
  url: "a real address",
  cassette: "a cassette",
  container: "a container",
};

const dependencies = (
  base: readonly DependencySpec[],
  head: readonly DependencySpec[],
): readonly Weakening[] =>
  base.flatMap(({ name, source }) => {
    const now = head.find((other) => other.name === name);
    if (now === undefined) return [told(`The dependency ${name} was removed`)];
    // A newer image or another address of the same kind is an everyday change.
    if (now.source.type === source.type) return [];
    return [
      told(`The dependency ${name} was changed: ${KINDS[source.type]} became ${KINDS[now.source.type]}`),
    ];
  });

/** @param job replicas are its workers, and told of as such */
const service = (base: ServiceSpec, head: ServiceSpec, job: boolean): readonly Weakening[] => [
  ...(base.healthPath !== undefined && head.healthPath === undefined
    ? [told(`service.health (${base.healthPath}) is no longer judged`)]
    : []),
  ...(base.readyPath !== undefined && head.readyPath === undefined
    ? [told(`service.ready (${base.readyPath}) is no longer judged`)]
    : []),
  ...(!job && head.replicas > base.replicas
    ? [told(`service.replicas was raised from ${base.replicas} to ${head.replicas}`)]
    : []),
];

export const frameWeakenings = (base: GateSource, head: GateSource): readonly Weakening[] => {
  // Between a service and a job there is nothing else to hold against each other.
  const isOfOneKind = (base.suite.job === undefined) === (head.suite.job === undefined);
  return [
    ...jobWeakenings(base.suite, head.suite),
    ...(isOfOneKind ? requests(base, head) : []),
    ...(isOfOneKind ? load(base.suite.workload, head.suite.workload) : []),
    ...dependencies(base.suite.dependencies, head.suite.dependencies),
    ...service(base.suite.service, head.suite.service, head.suite.job !== undefined),
  ];
};
