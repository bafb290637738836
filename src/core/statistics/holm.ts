/**
 * Holm's step-down procedure (Holm 1979): which hypotheses are rejected so that the chance of any false rejection stays
 * under `alpha`, whatever their dependence. Same order as `pValues`.
 */
export const holmRejections = (pValues: readonly number[], alpha: number): readonly boolean[] => {
  const order = pValues
    .map((_, index) => index)
    .sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const rejected = pValues.map(() => false);
  for (const [step, index] of order.entries()) {
    if ((pValues[index] as number) > alpha / (pValues.length - step)) break;
    rejected[index] = true;
  }
  return rejected;
};
