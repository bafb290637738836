import type { EdgeRemedy, EdgeRemedyKind } from "../../core/remedy/remedy.ts";
import { cache } from "./cache.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { deadline } from "./deadline.ts";
import { hedge } from "./hedge.ts";
import type { ActiveRemedy, RemedyFactory } from "./remedy.ts";
import { retry } from "./retry.ts";
import { retryAfterCap } from "./retry-after-cap.ts";

const REMEDIES: { readonly [K in EdgeRemedyKind]: RemedyFactory<K> } = {
  retry,
  deadline,
  hedge,
  "retry-after-cap": retryAfterCap,
  "circuit-breaker": circuitBreaker,
  cache,
};

/** With its state new: one for each time that remedies are set. */
export const createRemedy = (remedy: EdgeRemedy): ActiveRemedy => {
  // The table pairs each kind with its own factory; TypeScript can not follow one key through both sides.
  const factory = REMEDIES[remedy.kind] as (remedy: EdgeRemedy) => ActiveRemedy;
  return factory(remedy);
};
