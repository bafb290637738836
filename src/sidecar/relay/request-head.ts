import type { EdgeContext } from "./edge-context.ts";
import type { Exchange } from "./exchange.ts";
import {
  dropHeader,
  editable,
  headerValue,
  type MessageHead,
  serializeHead,
  setHeader,
} from "./message-head.ts";

/**
 * The request's head as it is to be sent, or null where it stays as it came: faults edit it, a URL upstream has a host and
 * path of its own, and an answer that a fault will edit must not be encoded.
 */
const editedHead = ({ rewrite }: EdgeContext, exchange: Exchange, original: MessageHead): Buffer | null => {
  const edits = exchange.strikes.filter(
    (strike) => !strike.over && strike.hooks.editRequestHead !== undefined,
  );
  const plain =
    headerValue(original, "accept-encoding") !== undefined &&
    exchange.strikes.some(
      ({ hooks }) => hooks.responseBody !== undefined || hooks.responseEvents !== undefined,
    );
  if (rewrite === null && edits.length === 0 && !plain) return null;
  const head = editable(original);
  if (rewrite !== null) {
    setHeader(head, "Host", rewrite.host);
    if (exchange.path.startsWith("/"))
      head.startLine = head.startLine.replace(/ +\//, () => ` ${rewrite.basePath}/`);
  }
  if (plain) {
    dropHeader(head, "accept-encoding");
    setHeader(head, "Accept-Encoding", "identity");
  }
  for (const strike of edits) strike.hooks.editRequestHead?.(head);
  return serializeHead(head);
};

/** Takes what is kept back of the request, as it is to be sent: its head and what follows, in one piece or two. */
export const takeHeldRequest = (edge: EdgeContext, exchange: Exchange): readonly Buffer[] => {
  const { head: original } = exchange;
  const head = original === null ? null : editedHead(edge, exchange, original);
  const held = exchange.takeHeld();
  if (head === null || original === null) return [held];
  return held.length > original.raw.length ? [head, held.subarray(original.raw.length)] : [head];
};
