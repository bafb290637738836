import type { SquallErrorCode } from "../../core/errors.ts";
import type { Observation } from "../../core/observation.ts";
import type { LoadResult, LoadStart, LoadWindow } from "../../run/ports.ts";
import type { Target } from "./connections.ts";

/** Given to the replay thread when it starts (workerData). */
export interface ThreadData {
  readonly start: LoadStart;
  readonly target: Target;
  /** Two 32-bit counters that both threads see: requests ended, requests failed. */
  readonly counters: SharedArrayBuffer;
}

export type Command =
  | { readonly type: "calm-pass"; readonly call: number }
  | { readonly type: "run"; readonly call: number; readonly window: LoadWindow }
  | {
      readonly type: "probe";
      readonly call: number;
      readonly timeoutMs: number;
      readonly intervalMs: number;
    };

export type ToThread =
  | Command
  | { readonly type: "cancel"; readonly call: number }
  | { readonly type: "close" };

export interface ThrownError {
  readonly code: SquallErrorCode;
  readonly message: string;
  readonly place?: string;
  readonly remedy?: string;
  readonly detail: readonly string[];
}

export type FromThread =
  | { readonly type: "ready" }
  | { readonly type: "calm-pass-done"; readonly call: number; readonly observations: readonly Observation[] }
  | { readonly type: "run-done"; readonly call: number; readonly result: LoadResult }
  | { readonly type: "probe-done"; readonly call: number; readonly goodAtMs: number | null }
  | { readonly type: "cancelled"; readonly call: number }
  /** Without a call: the thread can not start. */
  | { readonly type: "failed"; readonly call: number | null; readonly error: ThrownError };
