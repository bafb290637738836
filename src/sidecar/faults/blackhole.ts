import type { ByteStage, FaultFactory } from "./fault.ts";

/**
 * The connection is there, and nothing comes: bytes of both directions are swallowed. When cleared, the connection is
 * reset: its bytes are lost, and one that came back to life would carry the fault into the next window. A client that
 * hangs up is let go at once.
 */
export const blackhole: FaultFactory<"blackhole"> = () => ({
  strike: (strike) => {
    const swallow = (): ByteStage => ({ write: () => strike.hit(), end: () => {} });
    strike.onClear(() => {
      if (strike.hasHit) strike.cut("reset");
    });
    return { requestBytes: swallow, responseBytes: swallow, onClientEnd: () => strike.cut("reset") };
  },
});
