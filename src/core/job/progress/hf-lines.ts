/**
 * Steps of Hugging Face losses without a progress bar. Where the log tells epochs and total steps (level INFO), a step is
 * epoch x total / epochs: as exact as the epoch is printed, to two decimals in most versions. Else losses are counted, which are steps
 * where `logging_steps` is 1; a process that starts again is seen by its epoch going back, and is put where that epoch was before.
 */
import { isStep } from "./numbers.ts";

export interface HfLines {
  /** Null tells nothing. */
  readonly epochs: (epochs: number | null) => void;
  readonly total: (steps: number | null) => void;
  readonly continuesFrom: (step: number) => void;
  /** Step of the next loss. @param epoch null: the line has none */
  readonly step: (epoch: number | null) => number | null;
}

/** Losses beyond it are counted, but no longer remembered. */
const MOST_REMEMBERED = 100_000;

export const hfLines = (): HfLines => {
  let epochs: number | null = null;
  let total: number | null = null;
  /** Counted before the first one in `seen`. */
  let base = 0;
  let seen: number[] = [];
  let counted = 0;

  const counting = (epoch: number | null): number => {
    const last = seen.at(-1);
    if (epoch !== null && last !== undefined && epoch < last) {
      const place = seen.findIndex((before) => before >= epoch);
      seen = seen.slice(0, place);
      counted = base + place;
    }
    counted += 1;
    if (epoch !== null && seen.length < MOST_REMEMBERED) seen.push(epoch);
    return counted;
  };

  return {
    epochs: (told) => {
      epochs = told ?? epochs;
    },
    total: (told) => {
      total = told ?? total;
    },
    continuesFrom: (step) => {
      base = step;
      counted = step;
      seen = [];
    },
    step: (epoch) => {
      const step =
        epoch !== null && epochs !== null && total !== null && epochs > 0
          ? Math.max(1, Math.round((epoch * total) / epochs))
          : counting(epoch);
      return isStep(step) ? step : null;
    },
  };
};
