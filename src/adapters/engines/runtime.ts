/** Faults on processes, done by the runtime that started them: kill, pause, limits, stress. */
import { SquallError } from "../../core/errors.ts";
import type { Receipt } from "../../core/exchange.ts";
import type { Fault, FaultOf, KillSignal } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { randomFor } from "../../core/random.ts";
import type { Engine, Injection, PlacedEngineFault, ProcessControl, RunningSystem } from "../../run/ports.ts";

/** One fault in force: how to take it away, and what it did. */
interface InForce {
  readonly receipt: Receipt;
  readonly clear: () => Promise<void>;
  readonly kill?: { readonly replica: number; readonly atMs: number; readonly signal: KillSignal };
}

const killAndRestart = async (
  processes: ProcessControl,
  fault: FaultOf<"kill">,
  seed: number,
): Promise<Pick<InForce, "clear" | "kill">> => {
  const wanted =
    fault.replica === "random" ? randomFor(seed, "replica").below(processes.replicas) : (fault.replica ?? 0);
  const { replica, atMs } = await processes.kill(fault.on, fault.signal, wanted);
  const restarted = new Promise<void>((resolve, reject) => {
    setTimeout(
      () => {
        processes.restart(fault.on, replica).then(resolve, reject);
        // Counted from the kill itself: waiting for the process to be gone is part of the outage.
      },
      Math.max(0, atMs + fault.restartAfterMs - Date.now()),
    );
  });
  // Awaited by clear(); until then a rejection must not end the process.
  restarted.catch(() => undefined);
  return { clear: () => restarted, kill: { replica, atMs, signal: fault.signal } };
};

const putInForce = async (
  processes: ProcessControl,
  fault: Fault,
  seed: number,
  deadlineMs: number,
): Promise<Pick<InForce, "clear" | "kill">> => {
  switch (fault.kind) {
    case "kill":
      return killAndRestart(processes, fault, seed);
    case "pause": {
      await processes.pause(fault.on);
      const timer = setTimeout(() => void processes.resume(fault.on), fault.forMs ?? deadlineMs);
      return {
        clear: async () => {
          clearTimeout(timer);
          await processes.resume(fault.on);
        },
      };
    }
    case "cpu-limit":
      await processes.limitCpu(fault.on, fault.cpus);
      return { clear: () => processes.limitCpu(fault.on, null) };
    case "cpu-stress": {
      const stress = await processes.stressCpu(fault.workers, fault.load);
      return { clear: async () => stress[Symbol.asyncDispose]() };
    }
    case "memory-stress": {
      const stress = await processes.stressMemory(fault.bytes);
      return { clear: async () => stress[Symbol.asyncDispose]() };
    }
    default:
      throw new SquallError("fault-unsupported", `The runtime engine cannot do ${fault.kind}.`, {
        remedy: "Remove the experiment, or choose a runtime that can do it.",
      });
  }
};

export const runtimeEngine = (): Engine => ({
  name: "runtime",
  supports: (fault) =>
    FAULT_CATALOGUE[fault.kind].engines.includes("runtime")
      ? { ok: true }
      : { ok: false, reason: `${fault.kind} does not act on a process` },
  inject: async (
    system: RunningSystem,
    placed: readonly PlacedEngineFault[],
    deadlineMs: number,
  ): Promise<Injection> => {
    const inForce: InForce[] = [];
    const clear = async (): Promise<void> => {
      const errors: unknown[] = [];
      for (const one of inForce.splice(0)) await one.clear().catch((error: unknown) => errors.push(error));
      if (errors.length > 0) {
        throw new SquallError("fault-not-cleared", "A process fault could not be taken away.", {
          cause: errors[0],
          detail: errors.map(String),
        });
      }
    };
    try {
      for (const { id, fault, seed } of placed) {
        const done = await putInForce(system.processes, fault, seed, deadlineMs);
        inForce.push({ ...done, receipt: { faultId: id, edge: fault.on, seen: 1, affected: 1 } });
      }
    } catch (error) {
      await clear();
      throw error;
    }
    const receipts = inForce.map(({ receipt }) => receipt);
    const kills = inForce.flatMap(({ kill }) => (kill === undefined ? [] : [kill]));
    return { kills: () => kills, receipts: () => Promise.resolve(receipts), clear };
  },
});
