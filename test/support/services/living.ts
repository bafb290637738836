/** What the operating system says about processes. It gives no event for processes that are not our children, hence `until`. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const statFields = (pid: number): string[] | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
};

/** Alive, and not merely waiting to be reaped. */
export const isAlive = (pid: number): boolean => {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
};

/** `T` is a stopped process. */
export const stateOf = (pid: number): string | undefined => statFields(pid)?.[0];

export const childrenOf = (parent: number): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && Number(statFields(pid)?.[1]) === parent);

/** Waits until it holds; throws after the limit, with what it saw last. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> => {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(15);
  }
};
