import type { ExchangeEnd } from "../../core/exchange.ts";
import type { Exchange } from "./exchange.ts";
import type { PairEnd } from "./socket-pair.ts";

/** How an exchange ended whose connection did; `finished`: both FINs had passed. */
export const endByPair = (why: PairEnd, finished: ExchangeEnd): ExchangeEnd => {
  switch (why) {
    case "finished":
      return finished;
    case "client-abort":
    case "upstream-refused":
    case "upstream-reset":
      return why;
    case "cut":
      return "cut-by-fault";
  }
};

/** Both ways of ending a tunnel are proper; an unanswered request of a client that has closed is the client's doing. */
export const endByUpstreamFin = (exchange: Exchange, clientGone: boolean): ExchangeEnd => {
  if (exchange.malformed) return "malformed";
  if (exchange.tunnel) return "complete";
  return clientGone ? "client-abort" : "upstream-closed";
};
