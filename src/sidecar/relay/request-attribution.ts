/** Whose request an exchange is: asked at its head, and at its end where only the body tells. */
import type { EdgeContext } from "./edge-context.ts";
import type { Exchange } from "./exchange.ts";
import type { Framing } from "./http-scanner.ts";

export const attributeByHead = (edge: EdgeContext, exchange: Exchange): void => {
  const { attributor, isClient } = edge;
  const header = (name: string): string | undefined => exchange.header(name);
  const { key, by } = isClient ? attributor.openRequest(header) : attributor.byHead(header);
  exchange.requestKey = key;
  exchange.attributedBy = by;
  if (!isClient && (key === null || attributor.isLearning)) exchange.body = [];
  else countAttempt(edge, exchange);
};

/** For `squall record`. */
const tellRequest = ({ onRequest }: EdgeContext, exchange: Exchange, body: Buffer): void => {
  if (onRequest === null || exchange.head === null) return;
  const { method, path, head, startedMs } = exchange;
  onRequest({ method, path, headers: head.headers, body, atMs: startedMs });
};

/** Does nothing where the body was not wanted, or was asked already. */
export const attributeByBody = (edge: EdgeContext, exchange: Exchange): void => {
  if (exchange.body === null) return;
  const { attributor, name } = edge;
  const body = Buffer.concat(exchange.body);
  exchange.body = null;
  tellRequest(edge, exchange, body);
  if (exchange.requestKey === null) {
    const { key, by } = attributor.byBody(name, exchange.method, exchange.path, body);
    exchange.requestKey = key;
    exchange.attributedBy = by;
  } else {
    attributor.learnNamed(exchange.requestKey, exchange.method, exchange.path, body);
  }
  countAttempt(edge, exchange);
};

export const countAttempt = ({ attributor, name }: EdgeContext, exchange: Exchange): void => {
  if (exchange.requestKey === null) return;
  exchange.attempt = attributor.countAttempt(name, exchange.requestKey, exchange.method, exchange.path);
};

/**
 * Whether to strike a request may be known only with its body; not where the client waits for us before it sends one. A
 * request without a body is attributed at once.
 */
export const needsBody = (edge: EdgeContext, exchange: Exchange, framing: Framing): boolean => {
  if (exchange.body === null) return false;
  if (framing.type === "none" || framing.type === "tunnel") {
    attributeByBody(edge, exchange);
    return false;
  }
  if (exchange.header("expect") !== undefined) return false;
  return edge.faults.some((fault) => fault.needsKey && fault.mayStrike(exchange));
};
