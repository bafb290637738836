/** What processes tell of themselves: deaths, standing still, limits, memory, network. */
import type { ProcessSample } from "../profile.ts";
import { formatBytes, formatCores, formatShare } from "../report/format.ts";
import type { Evidence } from "./evidence.ts";
import { figureOf, median, SURE_Z, type Weighed } from "./figures.ts";
import type { SeenDeath, Span } from "./observed.ts";

export interface ProcessView {
  /** Samples of one process, in calm traffic and under the fault. */
  readonly calm: readonly ProcessSample[];
  readonly fault: readonly ProcessSample[];
  readonly deaths: readonly SeenDeath[];
  /** Seconds in which something was asked of it, and those of them in which it was awaited for long. */
  readonly asked: ReadonlySet<number>;
  readonly awaited: ReadonlySet<number>;
}

export const within = (spans: readonly Span[], atMs: number): boolean =>
  spans.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);

const DIED = 0.95;

const deathEvidence = ({ deaths }: ProcessView): readonly Evidence[] => {
  const [first] = deaths;
  if (first === undefined) return [];
  const how =
    first.signal === null ? `ended with exit code ${first.exitCode ?? "?"}` : `ended by ${first.signal}`;
  const times = deaths.length === 1 ? "" : `, ${deaths.length} times`;
  return [{ kind: "process", strength: DIED, reason: `${how}${times}` }];
};

/** Calm use below this is too little to tell standing still from having nothing to do. */
const LEAST_CPU = 0.02;
const STILL = 0.3;
const LEAST_STILL_SHARE = 0.1;
/** A single sample at a window's edge may belong to what was before it. */
const FEWEST_STILL = 2;

/** Its second is the end of one of the clock's and the beginning of the next. */
const tellsOf = (seconds: ReadonlySet<number>, { atMs }: ProcessSample): boolean =>
  seconds.has(Math.floor((atMs - 500) / 1000)) || seconds.has(Math.floor((atMs + 499) / 1000));

/** Hardly any processor time while answers were awaited: one that has nothing to do answers at once. */
const stillEvidence = ({ calm, fault, awaited }: ProcessView): readonly Evidence[] => {
  const usual = median(calm.map(({ cpu }) => cpu));
  const least = Math.min(...calm.map(({ cpu }) => cpu));
  if (usual < LEAST_CPU || fault.length === 0) return [];
  const still = fault.filter(
    (sample) => tellsOf(awaited, sample) && sample.cpu < STILL * usual && sample.cpu < least,
  );
  const share = still.length / fault.length;
  if (still.length < FEWEST_STILL || share < LEAST_STILL_SHARE) return [];
  return [
    {
      kind: "process",
      strength: Math.min(0.9, 0.5 + share),
      reason: `stood still while requests waited (processor ${formatCores(usual)} -> ${formatCores(median(still.map(({ cpu }) => cpu)))}, ${formatShare(share)} of the time)`,
    },
  ];
};

const AT_LIMIT = 0.9;

/** @param limit what it may use, in the unit of `used`; undefined: not known */
const atLimit = (
  samples: readonly ProcessSample[],
  used: (sample: ProcessSample) => number,
  limit: (sample: ProcessSample) => number | undefined,
): number => {
  if (samples.length === 0) return 0;
  return (
    samples.filter((sample) => used(sample) >= AT_LIMIT * (limit(sample) ?? Number.POSITIVE_INFINITY))
      .length / samples.length
  );
};

const limitEvidence = ({ calm, fault }: ProcessView): readonly Evidence[] => {
  const cpu = [calm, fault].map((side) =>
    atLimit(
      side,
      (each) => each.cpu,
      (each) => each.cpuLimit,
    ),
  ) as [number, number];
  const memory = [calm, fault].map((side) =>
    atLimit(
      side,
      (each) => each.memoryBytes,
      (each) => each.memoryLimitBytes,
    ),
  ) as [number, number];
  const least = (values: readonly (number | undefined)[]): number =>
    Math.min(...values.filter((value) => value !== undefined));
  return [
    ...(cpu[1] >= 0.25 && cpu[1] > 2 * cpu[0]
      ? [
          {
            kind: "process" as const,
            strength: 0.8,
            reason: `processor at its limit of ${formatCores(least(fault.map(({ cpuLimit }) => cpuLimit)))}, ${formatShare(cpu[1])} of the time`,
          },
        ]
      : []),
    ...(memory[1] >= 0.25 && memory[1] > 2 * memory[0]
      ? [
          {
            kind: "process" as const,
            strength: 0.8,
            reason: `memory at its limit of ${formatBytes(least(fault.map(({ memoryLimitBytes }) => memoryLimitBytes)))}`,
          },
        ]
      : []),
  ];
};

/** Growth of memory alone is a hint: heaps breathe. */
const memoryEvidence = ({ calm, fault }: ProcessView): readonly Evidence[] => {
  const values = (side: readonly ProcessSample[]): Weighed[] =>
    side.map(({ memoryBytes }) => ({ value: memoryBytes, weight: 1 }));
  const figure = figureOf(values(calm), values(fault), 8 * 1024 * 1024);
  if (figure.z < SURE_Z || figure.fault < 1.5 * figure.calm) return [];
  return [
    {
      kind: "process",
      strength: 0.3 * (1 - figure.calm / figure.fault),
      reason: `memory ${formatBytes(figure.calm)} -> ${formatBytes(figure.fault)}`,
    },
  ];
};

/** Off the network: asked, and hardly a byte comes or goes. */
const networkEvidence = ({ calm, fault, asked }: ProcessView): readonly Evidence[] => {
  const bytes = (samples: readonly ProcessSample[]): number[] =>
    samples.flatMap(({ receivedBytesPerSecond: received, sentBytesPerSecond: sent }) =>
      received === undefined || sent === undefined ? [] : [received + sent],
    );
  const usual = median(bytes(calm));
  const under = bytes(fault.filter((sample) => tellsOf(asked, sample)));
  const silent = under.filter((each) => each < 0.1 * usual);
  if (usual <= 0 || under.length === 0 || silent.length < 0.25 * under.length) return [];
  return [
    {
      kind: "process",
      strength: 0.7,
      reason: `off the network (${formatBytes(usual)}/s -> ${formatBytes(median(silent))}/s)`,
    },
  ];
};

const STARVED = 0.8;
const LATER = 1.2;
/** Two figures that must agree may each be less sure. */
const BOTH_Z = 2.5;

/**
 * The service does less work for each request that reaches it, and they take longer: something keeps the processor from it.
 * One that waits for others does so too, so what they explain is told with its own time.
 *
 * @param requests how many times as many requests reached it as in calm traffic
 * @param time how many times as long it took for them
 */
export const starvedEvidence = (
  { calm, fault }: Pick<ProcessView, "calm" | "fault">,
  requests: number,
  time: number,
): readonly Evidence[] => {
  const values = (side: readonly ProcessSample[]): Weighed[] =>
    side.map(({ cpu }) => ({ value: cpu, weight: 1 }));
  const figure = figureOf(values(calm), values(fault), 0.01);
  const ratio = figure.calm < LEAST_CPU ? 1 : figure.fault / figure.calm / Math.max(requests, 0.01);
  if (figure.z > -BOTH_Z || ratio > STARVED || time < LATER) return [];
  return [
    {
      kind: "own-time",
      strength: 1 - ratio,
      reason: `kept from the processor (${formatCores(figure.calm)} -> ${formatCores(figure.fault)}) while requests waited`,
    },
  ];
};

export const processEvidence = (view: ProcessView): readonly Evidence[] => [
  ...deathEvidence(view),
  ...(view.calm.length === 0
    ? []
    : [...stillEvidence(view), ...limitEvidence(view), ...memoryEvidence(view), ...networkEvidence(view)]),
];
