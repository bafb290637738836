import type { Question } from "./check.ts";

const OLDEST = 24;

/** @param version as process.version */
export const nodeVersion = (version: string = process.version): Question => ({
  name: "node",
  neededFor: "squall itself, its sidecar and its load generator",
  otherwise: { state: "missing", remedy: `Install Node ${OLDEST} or newer.` },
  look: async () => {
    const major = Number(/^v?(\d{1,4})\./.exec(version)?.[1] ?? Number.NaN);
    return major >= OLDEST
      ? { state: "ok", found: version }
      : { state: "missing", found: version, remedy: `Install Node ${OLDEST} or newer.` };
  },
});
