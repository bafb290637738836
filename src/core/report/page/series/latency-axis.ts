/** A logarithmic axis of times from a tenth of a millisecond to years, with few ticks that can be read. */

export interface LatencyAxis {
  /** ms, both above 0 and apart. */
  readonly domain: readonly [number, number];
  /** Ascending, within the domain. */
  readonly ticks: readonly number[];
}

/** Nothing is answered faster, and nobody waits longer (three years): what lies beyond is drawn at the edge. */
const LEAST_MS = 0.1;
const MOST_MS = 1e11;

const MOST_TICKS = 9;

const clamped = (ms: number): number => Math.min(MOST_MS, Math.max(LEAST_MS, ms));

/** Times at the edge for what a logarithm cannot show. */
export const onAxis = (ms: number, { domain: [low, high] }: LatencyAxis): number =>
  Math.min(high, Math.max(low, ms));

const STEPS = [1, 2, 5] as const;

/** 1, 2, 5, 10, 20 ... from `low` to `high`. */
const roundTimes = (low: number, high: number, steps: readonly number[]): readonly number[] => {
  const times: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power++)
    for (const step of steps) {
      // Of the decimal text: 5 * 10 ** -1 is not 0.5 on every path.
      const time = Number(`${step}e${power}`);
      if (time >= low && time <= high) times.push(time);
    }
  return times;
};

const ticksOf = (low: number, high: number): readonly number[] => {
  for (const steps of [STEPS, [1, 3], [1]]) {
    const ticks = roundTimes(low, high, steps);
    if (ticks.length <= MOST_TICKS && ticks.length >= 2) return ticks;
  }
  const decades = roundTimes(low, high, [1]);
  const every = Math.ceil(decades.length / MOST_TICKS);
  return decades.filter((_, place) => place % every === 0);
};

/** Round ends around all of these times. @param times ms; what is not finite is left out */
export const latencyAxis = (times: readonly number[]): LatencyAxis => {
  const finite = times.filter(Number.isFinite).map(clamped);
  const least = Math.min(...(finite.length === 0 ? [1] : finite));
  const most = Math.max(...(finite.length === 0 ? [1000] : finite));
  const all = roundTimes(LEAST_MS / 10, MOST_MS * 10, STEPS);
  const low = all.findLast((time) => time < least) ?? LEAST_MS / 10;
  const high = all.find((time) => time > most) ?? MOST_MS * 10;
  return { domain: [low, high], ticks: ticksOf(low, high) };
};

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** "5 ms", "2 s", "30 min", "6 h", "12 d": shorter than in a sentence. */
export const latencyTick = (ms: number): string => {
  const size = Math.abs(ms);
  if (size < 1000) return `${short(ms)} ms`;
  if (size < 120_000) return `${short(ms / 1000)} s`;
  if (size < 7_200_000) return `${short(ms / 60_000)} min`;
  if (size < 172_800_000) return `${short(ms / 3_600_000)} h`;
  return `${short(ms / 86_400_000)} d`;
};
