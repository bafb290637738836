/**
 * The order in which windows are measured. One arm replays each stretch whole; two take turns, window by window, and change who
 * goes first each time (AB BA AB ...), so that a drift of the machine meets both alike.
 */
import type { MeasuredArm } from "./measured-arm.ts";
import { pickWindows } from "./plan/pick-windows.ts";
import type { Plan, PlannedWindow, Stretch } from "./plan/plan.ts";
import { LOOKS } from "./plan/timetable.ts";
import type { OnProgress } from "./ports.ts";

/** What a look made of the run so far. */
export interface LookDecision {
  /** Nothing more is to be learned from interleaved windows. Outages and kills follow all the same. */
  readonly stop: boolean;
  /** Scenarios that are settled: their remaining interleaved windows are left out. */
  readonly settled: ReadonlySet<string>;
}

export interface StretchesInput {
  readonly plan: Plan;
  /** One, or two that take turns. */
  readonly arms: readonly MeasuredArm[];
  /** Asked after each look, the last alone where rounds may follow it; absent: everything is measured. @param look from 0 */
  readonly onLook?: ((look: number) => LookDecision) | undefined;
  /** Give the time that settled faults left over to spare rounds of those that are open. */
  readonly extends: boolean;
  readonly onProgress: OnProgress;
}

const PROGRESS_INTERVAL_MS = 500;

const describe = (window: PlannedWindow | undefined, arm: MeasuredArm): string => {
  if (window === undefined) return "";
  const what = `${window.scenario === "control" ? "calm" : window.scenario}, round ${window.round + 1}`;
  return arm.name === "" ? what : `${what}, ${arm.name}`;
};

/** Tells twice a second which window is running. Ends when disposed. */
const tellProgress = (
  { plan, arms, onProgress }: StretchesInput,
  arm: MeasuredArm,
  stretch: Stretch,
  doneMs: number,
): Disposable => {
  const startMs = performance.now();
  const tell = (): void => {
    const atMs = performance.now() - startMs;
    const window = stretch.windows.findLast(({ offsetMs }) => offsetMs <= atMs) ?? stretch.windows[0];
    const counts = arms.map((each) => each.counts());
    onProgress({
      phase: "window",
      text: describe(window, arm),
      window: (window?.index ?? 0) + 1,
      windows: Math.max(plan.windows.length, (window?.index ?? 0) + 1),
      // Repeated windows come on top of the plan.
      leftMs:
        Math.max(stretch.durationMs, arms.length * plan.loadMs - doneMs) - Math.min(atMs, stretch.durationMs),
      requests: counts.reduce((sum, { ended }) => sum + ended, 0),
      errors: counts.reduce((sum, { failed }) => sum + failed, 0),
    });
  };
  tell();
  const timer = setInterval(tell, PROGRESS_INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** Parts of a stretch that one arm replays in one go. */
const turnsOf = (stretch: Stretch, arms: number): readonly Stretch[] =>
  arms === 1 || stretch.windows.length === 1
    ? [stretch]
    : stretch.windows.map(({ index }) => pickWindows(stretch, new Set([index])));

const lookOf = (stretch: Stretch): number => stretch.windows[0]?.look ?? LOOKS;

/** The stretch without windows of settled scenarios; null where nothing is left. */
const withoutSettled = (stretch: Stretch, settled: ReadonlySet<string>): Stretch | null => {
  const wanted = stretch.windows.filter(({ scenario }) => !settled.has(scenario));
  if (wanted.length === stretch.windows.length) return stretch;
  // Calm windows beside nothing else tell nothing.
  if (wanted.every(({ shape }) => shape === "control")) return null;
  return pickWindows(stretch, new Set(wanted.map(({ index }) => index)));
};

const NOTHING_SETTLED: LookDecision = { stop: false, settled: new Set() };

/** Runs stretches on all arms, who goes first changing with each turn. */
class Turns {
  readonly #input: StretchesInput;
  #doneMs = 0;
  #turn = 0;

  constructor(input: StretchesInput) {
    this.#input = input;
  }

  async run(stretch: Stretch): Promise<void> {
    const { arms } = this.#input;
    for (const part of turnsOf(stretch, arms.length)) {
      for (const arm of this.#turn++ % 2 === 0 ? arms : arms.toReversed()) {
        using _progress = tellProgress(this.#input, arm, part, this.#doneMs);
        await arm.run(part);
        this.#doneMs += part.durationMs;
      }
    }
  }
}

/** Spare rounds of what is still open after the last look, as far as the time reaches that settled faults left over. */
const runSpare = async ({ plan, onLook }: StretchesInput, turns: Turns, savedMs: number): Promise<void> => {
  if (onLook === undefined || savedMs === 0) return;
  const { stop, settled } = onLook(LOOKS - 1);
  let leftMs = savedMs;
  for (const round of stop ? [] : plan.spare) {
    const stretch = withoutSettled(round, settled);
    if (stretch === null) continue;
    if (stretch.durationMs > leftMs) return;
    await turns.run(stretch);
    leftMs -= stretch.durationMs;
  }
};

/** All stretches in order, as far as looks find it needed. */
export const runStretches = async (input: StretchesInput): Promise<void> => {
  const { plan } = input;
  const turns = new Turns(input);
  let decision = NOTHING_SETTLED;
  let savedMs = 0;
  for (const [place, planned] of plan.stretches.entries()) {
    const look = lookOf(planned);
    const skipped = decision.stop && look < LOOKS;
    const stretch = skipped || look === LOOKS ? planned : withoutSettled(planned, decision.settled);
    if (!skipped && stretch !== null) await turns.run(stretch);
    savedMs += planned.durationMs - (skipped ? 0 : (stretch?.durationMs ?? 0));
    const next = plan.stretches[place + 1];
    const ends = look < LOOKS && (next === undefined || lookOf(next) !== look);
    if (!ends || decision.stop || input.onLook === undefined) continue;
    if (look < LOOKS - 1) decision = input.onLook(look);
    else if (input.extends) await runSpare(input, turns, savedMs);
  }
};
