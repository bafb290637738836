import type { JsonMutation } from "../../core/fault.ts";
import { collectedBody } from "./collected-body.ts";
import type { BodySink, BodyStage, EventSink, EventStage, FaultFactory, Strike } from "./fault.ts";
import { mutateJson, truncated } from "./json-mutation.ts";
import { isContent, isEventStream, isSuccess, withData } from "./model-answer.ts";

/** In a stream, whose length nobody knows, bytes are overwritten in its beginning. */
const STREAM_REACH_BYTES = 1024;

/**
 * Malformed content in a 2xx. `bytes`: so many, at seeded places, become NUL, which no JSON text may hold. `mutation`: the
 * JSON body is made wrong in one seeded place; in an event stream, the first event with content is.
 */
export const bodyCorrupt: FaultFactory<"body-corrupt"> = (fault) => ({
  strike: (strike) => {
    const { bytes } = fault;
    const mutation = fault.mutation ?? "truncate";
    if (bytes !== undefined) {
      return {
        responseBody: (next, head) => {
          if (!isSuccess(head)) return next;
          return isEventStream(head)
            ? overwrittenStream(strike, next, bytes)
            : overwritten(strike, next, bytes);
        },
      };
    }
    return {
      responseBody: (next, head) =>
        isSuccess(head) && !isEventStream(head) ? mutatedBody(strike, next, mutation) : next,
      responseEvents: (next, head) => (isSuccess(head) ? mutatedEvent(strike, next, mutation) : next),
    };
  },
});

const overwritten = (strike: Strike, next: BodySink, count: number): BodyStage =>
  collectedBody(next, (body) => {
    if (body.length === 0) return null;
    strike.hit();
    const copy = Buffer.from(body);
    for (const at of places(strike, count, body.length)) copy[at] = 0;
    return copy;
  });

const overwrittenStream = (strike: Strike, next: BodySink, count: number): BodyStage => {
  const at = places(strike, count, STREAM_REACH_BYTES);
  let passed = 0;
  let released = false;
  return {
    write: (bytes) => {
      const inside = released ? [] : at.filter((place) => place >= passed && place < passed + bytes.length);
      const copy = inside.length === 0 ? bytes : Buffer.from(bytes);
      for (const place of inside) {
        strike.hit();
        copy[place - passed] = 0;
      }
      passed += bytes.length;
      next.write(copy);
    },
    end: () => next.end(),
    release: () => {
      released = true;
    },
  };
};

/** Distinct seeded places below `length`; all of them where there are no more. */
const places = (strike: Strike, count: number, length: number): number[] => {
  if (count >= length) return Array.from({ length }, (_, index) => index);
  const chosen = new Set<number>();
  // Floyd's sampling: exact, in as many draws as places.
  for (let top = length - count; top < length; top++) {
    const drawn = strike.random.below(top + 1);
    chosen.add(chosen.has(drawn) ? top : drawn);
  }
  return [...chosen];
};

const mutatedBody = (strike: Strike, next: BodySink, mutation: JsonMutation): BodyStage =>
  collectedBody(next, (body) => {
    const text = body.toString("utf8");
    const mutated = mutateJson(text, mutation, strike.random) ?? plainTruncated(strike, text, mutation);
    if (mutated === null) return null;
    strike.hit();
    return Buffer.from(mutated);
  });

/** A body that is no JSON can still be cut off. */
const plainTruncated = (strike: Strike, text: string, mutation: JsonMutation): string | null =>
  mutation === "truncate" && text !== "" ? truncated(text, strike.random) : null;

const mutatedEvent = (strike: Strike, next: EventSink, mutation: JsonMutation): EventStage => {
  let done = false;
  return {
    event: (event) => {
      const mutated =
        done || !isContent(event) ? null : mutateJson(event.data ?? "", mutation, strike.random);
      if (mutated === null) {
        next.event(event);
        return;
      }
      done = true;
      strike.hit();
      next.event(withData(event, mutated));
    },
    end: () => next.end(),
    release: () => {
      done = true;
    },
  };
};
