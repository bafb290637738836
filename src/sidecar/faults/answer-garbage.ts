import { editedJson } from "./collected-body.ts";
import type { EventStage, FaultFactory, Strike } from "./fault.ts";
import { editEvent, isJsonAnswer, isSuccess, type VisitPiece, visitContent } from "./model-answer.ts";

/** What engines with broken numerics are known to say. */
const GARBAGE = "!";

/** A 2xx with everything in its place, whose text is one character again and again. */
export const answerGarbage: FaultFactory<"answer-garbage"> = () => ({
  strike: (strike) => ({
    responseEvents: (next, head): EventStage => {
      if (!isSuccess(head)) return next;
      const visit = garbled(strike);
      let released = false;
      return {
        event: (event) => next.event(released ? event : editEvent(event, visit)),
        end: () => next.end(),
        release: () => {
          released = true;
        },
      };
    },
    responseBody: (next, head) => {
      if (!isSuccess(head) || !isJsonAnswer(head)) return next;
      return editedJson(next, (value) => {
        visitContent(value, garbled(strike));
        return strike.hasHit;
      });
    },
  }),
});

const garbled =
  (strike: Strike): VisitPiece =>
  ({ kind, text }) => {
    if (kind !== "text") return text;
    strike.hit();
    return GARBAGE.repeat(text.length);
  };
