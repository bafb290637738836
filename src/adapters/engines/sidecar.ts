import { SquallError } from "../../core/errors.ts";
import type { EdgeFault, Fault } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import type { Engine, Injection, PlacedEngineFault, RunningSystem } from "../../run/ports.ts";

const isEdgeFault = (fault: Fault): fault is EdgeFault =>
  FAULT_CATALOGUE[fault.kind].engines.includes("sidecar");

/** An empty state has nothing to end; the protocol wants a time all the same. */
const CLEARED_DEADLINE_MS = 1000;

/** Our own sidecar: every fault of bytes, HTTP and model streams. */
export const sidecarEngine = (): Engine => {
  // One revision counter an engine: a state that arrives late can never replace a newer one.
  let revision = 0;
  const clear = async (system: RunningSystem): Promise<void> => {
    await system.sidecar.setState({ revision: ++revision, faults: [], deadlineMs: CLEARED_DEADLINE_MS });
    const left = await system.sidecar.receipts();
    if (left.receipts.length > 0) {
      throw new SquallError(
        "fault-not-cleared",
        "The sidecar still reports faults after they were cleared.",
        {
          place: left.receipts.map(({ faultId }) => faultId).join(", "),
          remedy: "This is a defect of squall: please report it with the run's directory.",
        },
      );
    }
  };
  return {
    name: "sidecar",
    supports: (fault) =>
      isEdgeFault(fault) ? { ok: true } : { ok: false, reason: `${fault.kind} does not act on a connection` },
    inject: async (
      system: RunningSystem,
      placed: readonly PlacedEngineFault[],
      deadlineMs: number,
    ): Promise<Injection> => {
      const faults = placed.flatMap(({ fault, ...rest }) => (isEdgeFault(fault) ? [{ fault, ...rest }] : []));
      await system.sidecar.setState({ revision: ++revision, faults, deadlineMs });
      return {
        receipts: async () => (await system.sidecar.receipts()).receipts,
        clear: () => clear(system),
      };
    },
  };
};
