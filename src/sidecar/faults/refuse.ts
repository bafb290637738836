import type { FaultFactory } from "./fault.ts";

/**
 * Connection refused.
 *
 * - Struck whole (marks `all`): the listening socket is closed, so that the kernel refuses. Idle connections that are
 *   there end by FIN, busy ones after their exchange (TCP edges: RST). The kernel tells nobody how many it refused: the
 *   receipt counts the sidecar's own attempt, which must be refused, and the connections ended.
 * - In part (a pattern, or `first`): RST on accept, by running number of the connections.
 * - By keys or `match` (HTTP edges): RST as soon as the request's head is known.
 *
 * When cleared, the port listens again.
 */
export const refuse: FaultFactory<"refuse"> = (fault, context) => {
  if (context.marksType === "keys" || fault.match !== undefined) {
    return {
      strike: (strike) => ({
        beforeRequest: () => {
          strike.hit();
          return { type: "cut", how: "reset" };
        },
      }),
    };
  }
  const { first } = fault;
  if (context.marksType === "pattern" || first !== undefined) {
    let fitting = 0;
    return {
      onAccept: () => {
        if (first !== undefined && fitting >= first) return "accept";
        const struck = context.marksArrival(fitting++);
        context.count({ seen: 1, affected: struck ? 1 : 0 });
        return struck ? "refuse" : "accept";
      },
    };
  }
  return {
    onSet: async (gate) => {
      await gate.closeListener();
      const ended = gate.endConnections();
      const proven = (await gate.refusesConnections()) ? 1 : 0;
      context.count({ seen: ended + 1, affected: ended + proven });
    },
    onClear: (gate) => gate.openListener(),
  };
};
