import { kayenta, mannWhitney } from "./mann-whitney.ts";
import type { Peer } from "./peer.ts";
import { tTestOnHistory } from "./t-test.ts";
import { THRESHOLDS } from "./thresholds.ts";

export type { Peer } from "./peer.ts";

/** In the order of METHOD.md section 8. */
export const PEERS: readonly Peer[] = [...THRESHOLDS, tTestOnHistory, kayenta, mannWhitney];
