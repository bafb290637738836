import type { Random } from "../../core/random.ts";

/**
 * Says of one item after another whether it is taken, so that of any n in a row `share` of them are, give or take one, from
 * a seeded start (systematic sampling): no coin toss leaves a short stream untouched or an unlucky one in ruins.
 */
export const evenShare = (share: number, random: Random): (() => boolean) => {
  let level = random.next();
  return () => {
    level += share;
    if (level < 1) return false;
    level -= 1;
    return true;
  };
};
