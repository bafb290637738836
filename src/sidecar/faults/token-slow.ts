import { collectedBody } from "./collected-body.ts";
import type { FaultFactory } from "./fault.ts";
import { isContent, isJsonAnswer, isSuccess } from "./model-answer.ts";
import { pacedEvents } from "./paced-events.ts";

/**
 * Decode under pressure: each event with content takes `perTokenMs` longer than it did, so the n-th comes n times that
 * later. An answer that is not streamed comes later by as many times that as its `usage` counts tokens.
 */
export const tokenSlow: FaultFactory<"token-slow"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next) => {
      let tokens = 0;
      return pacedEvents(strike, next, (event, nowMs) => {
        if (isContent(event)) {
          tokens++;
          strike.hit();
        }
        return nowMs + tokens * fault.perTokenMs;
      });
    },
    responseBody: (next, head) => {
      if (!isSuccess(head) || !isJsonAnswer(head)) return next;
      return collectedBody(next, async (body) => {
        const tokens = completionTokens(body);
        if (tokens > 0) {
          strike.hit();
          await strike.wait(tokens * fault.perTokenMs);
        }
        return null;
      });
    },
  }),
});

/** `usage.completion_tokens` (OpenAI) or `usage.output_tokens` (Anthropic); 0 where neither is told. */
const completionTokens = (body: Buffer): number => {
  try {
    const value = JSON.parse(body.toString("utf8")) as {
      readonly usage?: { readonly completion_tokens?: unknown; readonly output_tokens?: unknown } | null;
    } | null;
    const tokens = value?.usage?.completion_tokens ?? value?.usage?.output_tokens;
    return typeof tokens === "number" && tokens > 0 ? tokens : 0;
  } catch {
    return 0;
  }
};
