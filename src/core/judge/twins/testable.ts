import type { Comparison } from "../../verdict.ts";

/**
 * Which comparisons can reject at all (Tarone 1990, Biometrics 46:515). A share without discordant pairs can never
 * reject, so it need not make the others' level stricter: what is left out is fixed by the number of discordant pairs,
 * which under equal code says nothing about their direction. Holm's procedure over the rest keeps its level.
 */
export const testable = (comparisons: readonly Comparison[], alpha: number): readonly Comparison[] => {
  const attainable = comparisons.map(({ details }) => details.attainableP ?? 0);
  for (let divisor = 1; divisor <= comparisons.length; divisor++) {
    const able = comparisons.filter((_, index) => (attainable[index] as number) <= alpha / divisor);
    if (able.length <= divisor) return able;
  }
  return comparisons;
};
