import type { Check } from "./check.ts";

export type RuntimeName = "process" | "docker";

/** Name of the check that says whether a runtime can work here. */
export const RUNTIME_CHECKS: Readonly<Record<RuntimeName, string>> = {
  process: "runtime process",
  docker: "docker",
};
const RUNTIMES: readonly RuntimeName[] = ["process", "docker"];

export interface Readiness {
  readonly ready: boolean;
  /** The last line that a person reads. */
  readonly line: string;
}

export interface Wanted {
  /** Runtimes that will do, any one of them. */
  readonly runtimes: readonly RuntimeName[];
  /** The suite that is asked for; absent: any. */
  readonly suite?: string;
}

const joined = (names: readonly string[]): string =>
  `${names.join(", ").replace(/, ([^,]*)$/, " and $1")} ${names.length === 1 ? "is" : "are"} missing`;

/** Whatever is missing stops everything; a runtime only what needs it. */
export const readinessOf = (checks: readonly Check[], { runtimes, suite }: Wanted): Readiness => {
  const missing = checks.filter(({ state }) => state === "missing").map(({ name }) => name);
  const isThere = (runtime: RuntimeName): boolean => !missing.includes(RUNTIME_CHECKS[runtime]);
  const optional = RUNTIMES.map((runtime) => RUNTIME_CHECKS[runtime]);
  const lacks = missing.filter((name) => !optional.includes(name));
  const usable = runtimes.filter(isThere);
  if (usable.length === 0) lacks.unshift(...runtimes.map((runtime) => RUNTIME_CHECKS[runtime]));
  if (lacks.length > 0) return { ready: false, line: `not ready: ${joined(lacks)}` };
  const what = suite === undefined ? "" : `${suite} `;
  const gone = RUNTIMES.filter((runtime) => !isThere(runtime)).map((runtime) => RUNTIME_CHECKS[runtime]);
  const line =
    suite === undefined
      ? `${gone.length === 0 ? "ready to measure with" : "ready with"} runtime ${usable.join(" and ")}`
      : // A suite is measured by one: the first of its own that is there.
        `ready to measure ${what}with runtime ${usable[0] ?? ""}`;
  return { ready: true, line: gone.length === 0 ? line : `${line}; ${joined(gone)}` };
};
