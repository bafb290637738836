import type { AcceptVerdict, EdgeGate, FaultFactory } from "./fault.ts";

/**
 * Connections above `max` are refused (RST on accept) or wait, first come first served, until one closes. Connections
 * that are there count, and stay. When cleared, those that wait are let in.
 */
export const connectionLimit: FaultFactory<"connection-limit"> = (fault, context) => {
  const waiting: ((verdict: AcceptVerdict) => void)[] = [];
  let fitting = 0;
  /** Let in, but not counted by the gate yet. */
  let entering = 0;

  const enter = (): void => {
    entering++;
    setImmediate(() => {
      entering--;
    });
  };
  const admit = (gate: EdgeGate): void => {
    while (waiting.length > 0 && gate.openConnections + entering < fault.max) {
      enter();
      waiting.shift()?.("accept");
    }
    if (waiting.length > 0) gate.onConnectionClosed(() => admit(gate));
  };
  return {
    onAccept: (gate, arrival) => {
      if (fault.first !== undefined && fitting >= fault.first) return "accept";
      const struck = context.marksArrival(fitting++);
      context.count({ seen: 1 });
      if (!struck || (waiting.length === 0 && gate.openConnections + entering < fault.max)) {
        enter();
        return "accept";
      }
      context.count({ affected: 1 });
      if (fault.excess === "refuse") return "refuse";
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) gate.onConnectionClosed(() => admit(gate));
        void arrival.givenUp.then(() => {
          const at = waiting.indexOf(resolve);
          if (at >= 0) waiting.splice(at, 1);
          return resolve("refuse");
        });
      });
    },
    onClear: async () => {
      for (const resolve of waiting.splice(0)) resolve("accept");
    },
  };
};
