/** Why windows do not count, where the generator was late: how it is worded, and how it is told again. */

/** `requests left 22.6 ms late (p99), more than 5 ms: ...` */
export const lateReason = (lagP99Ms: number, maxLagP99Ms: number): string =>
  `requests left ${Math.round(lagP99Ms * 10) / 10} ms late (p99), more than ${maxLagP99Ms} ms: the machine was too busy to measure`;

/** As it is in stored runs too, and as `clean.ts` words it of a run that a stricter policy judges. */
const LATE = /^requests left (\d+(?:\.\d+)?) ms late(.*)$/s;

/** Does a line of a finding tell of a generator that was late? */
export const tellsOfLateness = (line: string): boolean => /\brequests left \S.* ms late\b/.test(line);

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
