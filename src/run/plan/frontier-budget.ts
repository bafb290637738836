/** Time that searches for frontiers take. */
import { MOST_FRONTIER_STEPS } from "../../core/frontier/search.ts";
import type { Suite } from "../../core/suite.ts";
import type { Workload } from "../../core/workload.ts";

/** Requests a window should hold, to tell a share of a few per cent. */
const WISHED_REQUESTS = 60;
const SHORTEST_MS = 1500;
const LONGEST_MS = 4000;
/** A step's drain, and the calm seconds after those in which something went wrong. */
const SETTLE_ALLOWANCE_MS = 700;

/** Length of each window of a search, ms. */
export const frontierWindowMs = ({ arrivals, rateRps }: Workload): number =>
  arrivals === "closed"
    ? SHORTEST_MS
    : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (1000 * WISHED_REQUESTS) / rateRps));

/** What the searches of a suite take of its budget, ms. */
export const frontiersMs = ({ frontiers, workload }: Suite): number =>
  frontiers.length * MOST_FRONTIER_STEPS * (frontierWindowMs(workload) + SETTLE_ALLOWANCE_MS);
