import * as z from "zod";
import type { StreamFaultKind } from "../../core/fault.ts";
import { positiveDuration, positiveShare, share, whole } from "../quantity-schema.ts";
import { SUITE_DEFAULTS } from "../suite-defaults.ts";
import { DELAY_SHAPE, delayConflict, delayOf, type FaultKindTable, faultKind } from "./kind.ts";

const DEFAULTS = SUITE_DEFAULTS.stream;
const afterEvents = whole("After so many events of the stream", 0).prefault(DEFAULTS.afterEvents);

export const STREAM_FAULTS: FaultKindTable<StreamFaultKind> = {
  "first-token-delay": faultKind("first-token-delay", DELAY_SHAPE, { delay: "2s" }, delayOf, delayConflict),
  "token-slow": faultKind(
    "token-slow",
    { perToken: positiveDuration("Added before every token") },
    { perToken: "50ms" },
    ({ perToken }) => ({ perTokenMs: perToken }),
  ),
  "stream-stall": faultKind(
    "stream-stall",
    {
      afterEvents,
      stall: positiveDuration("How long the stream is silent"),
      pings: z
        .boolean()
        .default(false)
        .meta({ description: "Whether comment lines keep coming during the silence" }),
    },
    { stall: "5s" },
    ({ afterEvents, stall, pings }) => ({ afterEvents, stallMs: stall, pings }),
  ),
  "stream-truncate": faultKind(
    "stream-truncate",
    {
      afterEvents,
      clean: z
        .boolean()
        .default(true)
        .meta({ description: "true: ends as if complete; false: the connection is cut" }),
    },
    {},
    ({ afterEvents, clean }) => ({ afterEvents, clean }),
  ),
  "stream-error": faultKind(
    "stream-error",
    {
      afterEvents,
      shape: z
        .enum(["openai", "anthropic"])
        .meta({ description: "Form of the error event. Default: the stub's, else openai" })
        .optional(),
    },
    {},
    ({ afterEvents, shape }, surroundings) => ({ afterEvents, shape: shape ?? surroundings.shape }),
  ),
  "event-corrupt": faultKind(
    "event-corrupt",
    { share: positiveShare("Share of the stream's events that are broken").prefault(DEFAULTS.share) },
    {},
    ({ share }) => ({ share }),
  ),
  "event-duplicate": faultKind(
    "event-duplicate",
    {
      share: positiveShare("Share of the stream's events with content that are struck").prefault(
        DEFAULTS.share,
      ),
      mode: z.enum(["repeat", "cumulative"]).default("repeat").meta({
        description: "repeat: a struck event comes twice; cumulative: it carries all the text so far",
      }),
    },
    {},
    ({ share, mode }) => ({ share, mode }),
  ),
  "tool-args-corrupt": faultKind(
    "tool-args-corrupt",
    { cut: share("Share of the arguments' text that is cut off").prefault(DEFAULTS.cut) },
    {},
    ({ cut }) => ({ cut }),
  ),
  "answer-garbage": faultKind("answer-garbage", {}, {}, () => ({})),
  "rate-limit": faultKind(
    "rate-limit",
    {
      requests: whole("Requests let through in a window", 0),
      window: positiveDuration("Length of the window").prefault("1s"),
    },
    { requests: 5 },
    ({ requests, window }) => ({ requests, windowMs: window }),
  ),
};
