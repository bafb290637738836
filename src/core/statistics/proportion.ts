import { normalUpperTail } from "./normal.ts";

/** Successes and trials; fractional counts are allowed, as after division by a design effect. */
export interface Count {
  readonly k: number;
  readonly n: number;
}

/** Wilson's score interval (Wilson 1927) at `z`; [0, 1] of no trials. */
export const wilsonInterval = ({ k, n }: Count, z: number): readonly [number, number] => {
  if (n <= 0) return [0, 1];
  const share = k / n;
  const z2 = z * z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // The bounds at 0 and 1 successes are exact; rounding must not put them on the wrong side of the share.
  return [k <= 0 ? 0 : Math.max(0, centre - half), k >= n ? 1 : Math.min(1, centre + half)];
};

/** Newcombe's hybrid interval (Newcombe 1998, method 10) of head minus base. */
export const newcombeInterval = (head: Count, base: Count, z: number): readonly [number, number] => {
  const headShare = head.n > 0 ? head.k / head.n : 0;
  const baseShare = base.n > 0 ? base.k / base.n : 0;
  const [headLow, headHigh] = wilsonInterval(head, z);
  const [baseLow, baseHigh] = wilsonInterval(base, z);
  const change = headShare - baseShare;
  return [
    change - Math.hypot(headShare - headLow, baseHigh - baseShare),
    change + Math.hypot(headHigh - headShare, baseShare - baseLow),
  ];
};

/** A count as it would be from independent trials: divided by its design effect. */
export const effectiveCount = ({ k, n }: Count, designEffect: number): Count => ({
  k: k / designEffect,
  n: n / designEffect,
});

const LARGEST_Z = 40;

/**
 * One-sided p of "the true change exceeds `margin`": the z at which Newcombe's lower limit meets the margin, by
 * bisection. 0.5 where the estimate itself does not exceed it.
 */
export const exceedanceP = (head: Count, base: Count, margin: number): number => {
  if (head.n <= 0 || base.n <= 0 || head.k / head.n - base.k / base.n <= margin) return 0.5;
  let low = 0;
  let high = LARGEST_Z;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (newcombeInterval(head, base, middle)[0] > margin) low = middle;
    else high = middle;
  }
  return normalUpperTail((low + high) / 2);
};
