/** The calls of one request as rows of a waterfall: places and words, nothing drawn. */
import type { ExchangeEnd } from "../../../exchange.ts";
import type { ExhibitCall } from "../../../exhibit.ts";
import { plainText } from "../../plain-text.ts";

/** `struck`: by a fault; `failed`: without one; `client`: the request itself, whatever became of it. */
export type CallKind = "client" | "good" | "failed" | "struck";

export interface WaterfallRow {
  readonly kind: CallKind;
  /** "llm POST /v1/chat, call 2" */
  readonly call: string;
  /** "429, answered by the fault" */
  readonly ending: string;
  /** "struck by llm-down#1", or empty. */
  readonly struck: string;
  /** ms from the request's scheduled instant; start <= firstByte <= end. */
  readonly startMs: number;
  /** Null: none came. */
  readonly firstByteMs: number | null;
  readonly endMs: number;
}

export const END_WORDS: Readonly<Record<ExchangeEnd, string>> = {
  complete: "complete",
  "client-abort": "its caller hung up",
  "upstream-refused": "connection refused",
  "upstream-reset": "connection reset",
  "upstream-closed": "closed in mid-answer",
  "answered-by-fault": "answered by the fault",
  "cut-by-fault": "cut by the fault",
  malformed: "not valid HTTP",
};

/** No request takes longer; a stored number may be anything. */
const FURTHEST_MS = 86_400_000;
const MOST_FAULTS = 3;

/** A time that a chart can be drawn with. */
export const within = (ms: number, leastMs = 0): number => Math.max(leastMs, Math.min(FURTHEST_MS, ms));

const kindOf = ({ edge, faults, status, end }: ExhibitCall): CallKind => {
  if (faults.length > 0) return "struck";
  if (edge === "client") return "client";
  return end === "complete" && status < 400 ? "good" : "failed";
};

const struckBy = (faults: readonly string[]): string => {
  if (faults.length === 0) return "";
  const named = faults.slice(0, MOST_FAULTS).map((id) => plainText(id, 60));
  const more = faults.length - named.length;
  return `struck by ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

const rowOf = (call: ExhibitCall): WaterfallRow => {
  const startMs = within(call.startMs, -FURTHEST_MS);
  const endMs = within(call.endMs, startMs);
  const what = [call.method, call.path].filter((part) => part !== "").join(" ");
  const edge = call.edge === "client" ? "the request" : call.edge;
  const attempt = call.attempt > 1 ? `, call ${call.attempt}` : "";
  return {
    kind: kindOf(call),
    call: `${plainText(edge, 60)} ${plainText(what === "" ? "connection" : what, 200)}${attempt}`,
    ending: `${call.status === 0 ? "no status" : call.status}, ${END_WORDS[call.end]}`,
    struck: struckBy(call.faults),
    startMs,
    firstByteMs: call.firstByteMs === null ? null : Math.min(endMs, within(call.firstByteMs, startMs)),
    endMs,
  };
};

/** By start. */
export const waterfallRows = (calls: readonly ExhibitCall[]): readonly WaterfallRow[] =>
  calls.map(rowOf).sort((a, b) => a.startMs - b.startMs);
