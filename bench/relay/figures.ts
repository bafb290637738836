/** Value below which `share` of the values lie (nearest rank); NaN for none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A goal beside its figure. What was not measured is neither met nor missed. */
export const goal = (figure: number, how: "at most" | "at least" | "under", limit: number): string => {
  if (!Number.isFinite(figure)) return "not measured";
  const met = how === "at most" ? figure <= limit : how === "under" ? figure < limit : figure >= limit;
  return `goal ${how} ${limit}: ${met ? "met" : "MISSED"}`;
};
