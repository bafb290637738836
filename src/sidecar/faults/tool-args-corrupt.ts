import { editedJson } from "./collected-body.ts";
import type { EventStage, FaultFactory } from "./fault.ts";
import { editEvent, isJsonAnswer, isSuccess, type VisitPiece, visitContent } from "./model-answer.ts";

/**
 * The share `cut` of a tool call's arguments is missing at their end, with a 2xx and a proper finish reason. In a stream
 * nothing is held back: of what came so far all but that share has been passed on, which holds at the end too. Anthropic's
 * whole answers give arguments as a value: that share of its keys is missing.
 */
export const toolArgsCorrupt: FaultFactory<"tool-args-corrupt"> = (fault) => ({
  strike: (strike) => {
    const keep = (length: number): number => Math.floor((1 - fault.cut) * length);
    return {
      responseEvents: (next, head): EventStage => {
        if (!isSuccess(head)) return next;
        const calls = new Map<string, { text: string; sent: number }>();
        let released = false;
        const visit: VisitPiece = ({ kind, key, text }) => {
          if (kind !== "tool-arguments") return text;
          const call = calls.get(key) ?? { text: "", sent: 0 };
          calls.set(key, call);
          call.text += text;
          const end = Math.max(call.sent, keep(call.text.length));
          const passed = call.text.slice(call.sent, end);
          call.sent = end;
          if (end < call.text.length) strike.hit();
          return passed;
        };
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
          let changed = false;
          visitContent(value, ({ kind, text }) => {
            const kept = kind === "tool-arguments" ? text.slice(0, keep(text.length)) : text;
            changed ||= kept.length < text.length;
            return kept;
          });
          changed = dropInputs(value, keep) || changed;
          if (changed) strike.hit();
          return changed;
        });
      },
    };
  },
});

/** Of each `tool_use` block's input, keeps the first keys. */
const dropInputs = (value: unknown, keep: (length: number) => number): boolean => {
  const blocks = (value as { readonly content?: unknown } | null)?.content;
  if (!Array.isArray(blocks)) return false;
  let changed = false;
  for (const block of blocks as ({ type?: unknown; input?: unknown } | null)[]) {
    if (block?.type !== "tool_use" || typeof block.input !== "object" || block.input === null) continue;
    const entries = Object.entries(block.input);
    const kept = entries.slice(0, keep(entries.length));
    changed ||= kept.length < entries.length;
    block.input = Object.fromEntries(kept);
  }
  return changed;
};
