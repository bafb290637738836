/** `requests left 22.6 ms late (p99), more than 5 ms: ...`, as `run/window-records.ts` words it. */
const LATE = /^requests left (\d+(?:\.\d+)?) ms late(.*)$/s;

const rangeOf = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
};

/** Reasons of windows that do not count, each once; those that differ only in how late requests left become one. */
export const shortReasons = (reasons: readonly string[]): readonly string[] => {
  const late = new Map<string, number[]>();
  for (const reason of reasons) {
    const [, value, rest] = LATE.exec(reason) ?? [];
    if (value !== undefined && rest !== undefined) late.set(rest, [...(late.get(rest) ?? []), Number(value)]);
  }
  const short = reasons.map((reason) => {
    const rest = LATE.exec(reason)?.[2];
    return rest === undefined ? reason : `requests left ${rangeOf(late.get(rest) ?? [])} ms late${rest}`;
  });
  return [...new Set(short)];
};
