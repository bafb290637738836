import type { Outcome } from "../../core/outcome.ts";
import type { Deadlines } from "../../core/workload.ts";

/** How far an exchange has come. Times in ms on the exchange's clock; null: not yet. */
export interface Progress {
  readonly scheduledMs: number;
  readonly connectedMs: number | null;
  readonly headersMs: number | null;
  readonly firstContentMs: number | null;
  readonly lastContentMs: number | null;
}

export interface NextDeadline {
  readonly atMs: number;
  readonly outcome: Extract<Outcome, `timeout-${string}`>;
}

/**
 * The deadline an exchange meets next if nothing more happens. All count from the scheduled instant, except the silence
 * between content events, which counts from the last of them; the total caps every stage.
 */
export const nextDeadline = (progress: Progress, deadlines: Deadlines): NextDeadline => {
  const totalAtMs = progress.scheduledMs + deadlines.totalMs;
  const stage = ((): NextDeadline => {
    if (progress.connectedMs === null) {
      return { atMs: progress.scheduledMs + deadlines.connectMs, outcome: "timeout-connect" };
    }
    if (progress.headersMs === null) {
      return { atMs: progress.scheduledMs + deadlines.headersMs, outcome: "timeout-headers" };
    }
    if (progress.firstContentMs === null) {
      return { atMs: progress.scheduledMs + deadlines.firstContentMs, outcome: "timeout-first-content" };
    }
    return {
      atMs: (progress.lastContentMs ?? progress.firstContentMs) + deadlines.silenceMs,
      outcome: "timeout-silence",
    };
  })();
  return stage.atMs < totalAtMs ? stage : { atMs: totalAtMs, outcome: "timeout-total" };
};
