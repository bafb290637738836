import type { Margin } from "../suite.ts";
import type { JudgeContext } from "./context.ts";

/** METHOD 6: 10 ms stored, 5 ms in pairs, which see as much more. */
const PAIRED_ABSOLUTE = 0.5;

/** The change of a latency that counts: relative, and never below so many ms. */
export const latencyMargin = ({ policy, paired }: JudgeContext): Margin =>
  paired ? { ...policy.latency, absoluteMs: PAIRED_ABSOLUTE * policy.latency.absoluteMs } : policy.latency;
