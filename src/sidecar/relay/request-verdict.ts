import type { RequestVerdict } from "../faults/fault.ts";
import type { LiveStrike } from "../strike.ts";

export type Intervention = Exclude<RequestVerdict, { readonly type: "forward" }>;

/**
 * Asks the strikes in turn what is to become of a request; the first that does not forward it decides, else null. Waits
 * only where one of them does: most requests are decided in the turn they came in.
 */
export const verdictOf = (
  strikes: readonly LiveStrike[],
  from = 0,
): Intervention | null | Promise<Intervention | null> => {
  for (let index = from; index < strikes.length; index++) {
    const strike = strikes[index];
    const verdict = strike === undefined || strike.over ? undefined : strike.hooks.beforeRequest?.();
    if (verdict instanceof Promise) return verdictLater(strikes, verdict, index + 1);
    if (verdict !== undefined && verdict.type !== "forward") return verdict;
  }
  return null;
};

const verdictLater = async (
  strikes: readonly LiveStrike[],
  pending: Promise<RequestVerdict>,
  next: number,
): Promise<Intervention | null> => {
  const verdict = await pending;
  return verdict.type === "forward" ? verdictOf(strikes, next) : verdict;
};
