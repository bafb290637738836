import type { RequestTemplate, Workload } from "../../../src/core/workload.ts";
import type { LoadStart, PlannedRequest } from "../../../src/run/ports.ts";

/** Short enough for a test, long enough for a busy machine. */
export const DEADLINES = {
  connectMs: 2500,
  headersMs: 2500,
  firstContentMs: 3000,
  silenceMs: 2000,
  totalMs: 4500,
};

export const workload = (changes: Partial<Workload> = {}): Workload => ({
  requestsPath: "requests.jsonl",
  arrivals: "constant",
  rateRps: 100,
  concurrency: 2,
  connections: "fresh",
  maxInFlight: 200,
  deadlines: DEADLINES,
  sloMs: 1000,
  streamEnd: {
    sentinels: ["[DONE]", "message_stop"],
    finishPaths: ["choices.0.finish_reason", "delta.stop_reason", "done_reason"],
  },
  headers: {},
  ...changes,
});

/** A template whose id is its path. */
export const template = (path: string, changes: Partial<RequestTemplate> = {}): RequestTemplate => ({
  id: path,
  method: "POST",
  path,
  headers: {},
  body: '{"question":"why?"}',
  weight: 1,
  expect: {},
  stream: "auto",
  ...changes,
});

export const loadStart = (
  baseUrl: string,
  requests: readonly RequestTemplate[],
  changes: Partial<Workload> = {},
): LoadStart => ({ baseUrl, requests, workload: workload(changes), seed: 7 });

export const planned = (
  slot: number,
  requestId: string,
  changes: Partial<PlannedRequest> = {},
): PlannedRequest => ({ slot, atMs: slot * 5, requestId, repetition: slot, hit: false, ...changes });
