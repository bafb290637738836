/** Faults on processes and containers, done by the runtime that started them. */
import { SquallError } from "../../core/errors.ts";
import type { Receipt } from "../../core/exchange.ts";
import type { Fault, FaultOf, KillSignal } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { randomFor } from "../../core/random.ts";
import type {
  Engine,
  Injection,
  PlacedEngineFault,
  ProcessControl,
  RunningSystem,
  RuntimeStrike,
} from "../../run/ports.ts";

/** One fault in force: how to take it away, and what it did. */
interface InForce {
  readonly clear: () => Promise<void>;
  /** Absent: that it was put in force is its whole effect. */
  readonly effect?: RuntimeStrike["effect"];
  readonly kill?: { readonly replica: number; readonly atMs: number; readonly signal: KillSignal };
}

const killAndRestart = async (
  processes: ProcessControl,
  fault: FaultOf<"kill">,
  seed: number,
): Promise<InForce> => {
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

/** A fault that only this runtime knows how to do. It ends at its own time, whatever becomes of the run's schedule. */
const strikeFor = async (
  processes: ProcessControl,
  fault: Fault,
  seed: number,
  forMs: number,
): Promise<InForce> => {
  const strike = await processes.strike(fault, seed);
  /** What it did until its time was over. */
  let whole: Awaited<ReturnType<RuntimeStrike["effect"]>> | null = null;
  const end = async (): Promise<void> => {
    whole = await strike.effect();
    await strike.clear();
  };
  let ended: Promise<void> = Promise.resolve();
  const timer = setTimeout(() => {
    ended = end();
    // Awaited by clear(), which then tries again; until then a rejection must not end the process.
    ended.catch(() => undefined);
  }, forMs);
  return {
    effect: async () => {
      await ended.catch(() => undefined);
      return whole ?? strike.effect();
    },
    clear: async () => {
      clearTimeout(timer);
      await ended.catch(() => undefined);
      await strike.clear();
    },
  };
};

const putInForce = async (
  processes: ProcessControl,
  fault: Fault,
  seed: number,
  deadlineMs: number,
): Promise<InForce> => {
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
    case "memory-limit":
    case "disk-full":
    case "disk-slow":
    case "dns-fail":
    case "clock-skew":
    case "disconnect":
    case "packet-loss":
      return strikeFor(processes, fault, seed, fault.forMs ?? deadlineMs);
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
    const readers: (() => Promise<Receipt>)[] = [];
    const clear = async (): Promise<void> => {
      const errors: unknown[] = [];
      // Last first: where two lie over each other, each finds what stood when it came.
      for (const one of inForce.splice(0).toReversed())
        await one.clear().catch((error: unknown) => errors.push(error));
      if (errors.length > 0) {
        throw new SquallError("fault-not-cleared", "A fault of the runtime could not be taken away.", {
          cause: errors[0],
          detail: errors.map(String),
        });
      }
    };
    try {
      for (const { id, fault, seed } of placed) {
        const done = await putInForce(system.processes, fault, seed, deadlineMs);
        inForce.push(done);
        readers.push(async () => ({
          faultId: id,
          edge: fault.on,
          ...((await done.effect?.()) ?? { seen: 1, affected: 1 }),
        }));
      }
    } catch (error) {
      await clear();
      throw error;
    }
    const kills = inForce.flatMap(({ kill }) => (kill === undefined ? [] : [kill]));
    return { kills: () => kills, receipts: () => Promise.all(readers.map((read) => read())), clear };
  },
});
