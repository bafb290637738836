import type { FaultFactory } from "./fault.ts";

/**
 * A connection that was idle for `idleMs` and is used again closes just as the request arrives: the server had given it up,
 * so the client's bytes are met by a reset. Fresh connections are spared.
 */
export const keepaliveRace: FaultFactory<"keepalive-race"> = (fault) => ({
  strike: (strike) => ({
    beforeRequest: () => {
      const { indexOnConnection, idleBeforeMs } = strike.exchange;
      if (indexOnConnection === 0 || idleBeforeMs < fault.idleMs) return { type: "forward" };
      strike.hit();
      return { type: "cut", how: "reset" };
    },
  }),
});
