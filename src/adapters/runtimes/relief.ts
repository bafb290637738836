/** Remedies of a runtime (`ProcessControl.relieve`), alike for processes and containers. */
import { setTimeout as sleep } from "node:timers/promises";
import { SquallError } from "../../core/errors.ts";
import type { PlacedRuntimeRemedy, RemedyReceipt } from "../../core/remedy/remedy.ts";
import type { ProcessControl, RuntimeRelief } from "../../run/ports.ts";
import type { HttpSidecarControl } from "./sidecar-control.ts";

/** A process or container as remedies see it. */
export interface Relieved {
  /** Cores that it may use now; null: no limit. */
  readonly cpuLimit: number | null;
  /** So many times what it may use, whatever limit is in force, until undone. Twice undone is once. */
  multiplyCpu(times: number): Promise<() => Promise<void>>;
}

export interface ReliefHost<T extends Relieved> {
  /** For messages: "process". */
  readonly runtime: string;
  /** @throws SquallError where the run started nothing of that name */
  targets(on: string): readonly T[];
  /** Ends it (SIGTERM, after a grace SIGKILL), starts it again, and waits until it is ready. */
  restart(target: T): Promise<void>;
  /** What is in force of memory limits, and how more is given; null: the runtime limits no memory. */
  readonly memory: {
    isLimited(target: T): boolean;
    multiply(target: T, times: number): Promise<() => Promise<void>>;
  } | null;
  /** Null: it can start one more. */
  readonly noReplica: string | null;
  /** One more of the service, ready and behind the client edge; disposing takes it away again. */
  addReplica(): Promise<AsyncDisposable>;
}

type Answer = ReturnType<ProcessControl["canRelieve"]>;

const no = (reason: string): Answer => ({ ok: false, reason });
const YES: Answer = { ok: true };

export const canRelieve = <T extends Relieved>(host: ReliefHost<T>, remedy: PlacedRuntimeRemedy): Answer => {
  const { kind, on } = remedy;
  let targets: readonly T[];
  try {
    targets = host.targets(on);
  } catch (error) {
    return no(error instanceof SquallError ? error.message : String(error));
  }
  switch (kind) {
    case "restart":
      return YES;
    case "more-cpu":
      return targets.some(({ cpuLimit }) => cpuLimit !== null) ? YES : no("no limit to lift");
    case "more-memory": {
      const { memory } = host;
      if (memory === null) return no(`runtime ${host.runtime} limits no memory`);
      return targets.some((target) => memory.isLimited(target)) ? YES : no("no limit to lift");
    }
    case "replica":
      if (on !== "service") return no("only the service can have one more replica");
      return host.noReplica === null ? YES : no(host.noReplica);
  }
};

/** Runs all, also after one that throws; then throws the first error. */
const undoAll = async (steps: readonly (() => Promise<void>)[]): Promise<void> => {
  const results = await Promise.allSettled(steps.map((step) => step()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
};

/** Each target that is limited; what was done before an error is undone. */
const multiplied = async <T>(
  targets: readonly T[],
  multiply: (target: T) => Promise<() => Promise<void>>,
): Promise<readonly (() => Promise<void>)[]> => {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const target of targets) undo.push(await multiply(target));
  } catch (error) {
    await undoAll(undo);
    throw error;
  }
  return undo;
};

const applied = async <T extends Relieved>(
  host: ReliefHost<T>,
  remedy: PlacedRuntimeRemedy,
): Promise<{ readonly seen: number; readonly acted: number; readonly undo: () => Promise<void> }> => {
  const targets = host.targets(remedy.on);
  const seen = targets.length;
  switch (remedy.kind) {
    case "restart":
      // In turn: the others serve meanwhile.
      for (const target of targets) await host.restart(target);
      return { seen, acted: seen, undo: async () => {} };
    case "more-cpu": {
      const limited = targets.filter(({ cpuLimit }) => cpuLimit !== null);
      const undo = await multiplied(limited, (target) => target.multiplyCpu(remedy.times));
      return { seen, acted: limited.length, undo: () => undoAll(undo) };
    }
    case "more-memory": {
      const { memory } = host;
      const limited = memory === null ? [] : targets.filter((target) => memory.isLimited(target));
      const undo = await multiplied(
        limited,
        async (target) => (await memory?.multiply(target, remedy.times)) ?? (async () => {}),
      );
      return { seen, acted: limited.length, undo: () => undoAll(undo) };
    }
    case "replica": {
      const added = await host.addReplica();
      return { seen: 1, acted: 1, undo: async () => added[Symbol.asyncDispose]() };
    }
  }
};

/** @throws SquallError `fault-unsupported` where `canRelieve` says no; leaves nothing in force when it throws */
export const relieve = async <T extends Relieved>(
  host: ReliefHost<T>,
  remedy: PlacedRuntimeRemedy,
): Promise<RuntimeRelief> => {
  const { kind, on } = remedy;
  const can = canRelieve(host, remedy);
  if (!can.ok) {
    throw new SquallError("fault-unsupported", `${kind} on ${on} cannot be done: ${can.reason}.`, {
      place: `remedy ${kind} on ${on}`,
      remedy: "Ask canRelieve before.",
    });
  }
  const { seen, acted, undo } = await applied(host, remedy);
  const receipt: RemedyReceipt = { on, kind, seen, acted };
  let undone: Promise<void> | null = null;
  return { receipt, [Symbol.asyncDispose]: () => (undone ??= undo()) };
};

/** Factors that stand one over another, each until it is undone. */
export class Factors {
  readonly #factors = new Set<{ readonly times: number }>();

  /** Returns how to take it away. */
  add(times: number): () => void {
    const factor = { times };
    this.#factors.add(factor);
    return () => void this.#factors.delete(factor);
  }

  get product(): number {
    return [...this.#factors].reduce((product, { times }) => product * times, 1);
  }
}

const GRACE_MS = 2_000;
const POLL_MS = 20;

type Address = { readonly host: string; readonly port: number };

/** What stands behind the client edge while replicas come and go. */
export class ClientUpstreams {
  readonly #control: HttpSidecarControl;
  #addresses: readonly Address[];

  constructor(control: HttpSidecarControl, addresses: readonly Address[]) {
    this.#control = control;
    this.#addresses = addresses;
  }

  async add(address: Address): Promise<void> {
    await this.#set([...this.#addresses, address]);
  }

  /** Resolves when no call is under way on the edge, or after 2 s: then it may be ended. */
  async remove({ host, port }: Address): Promise<void> {
    await this.#set(this.#addresses.filter((each) => each.host !== host || each.port !== port));
    const untilMs = performance.now() + GRACE_MS;
    while (performance.now() < untilMs && (await this.#open()) > 0) await sleep(POLL_MS);
  }

  async #open(): Promise<number> {
    return (await this.#control.active()).open["client"] ?? 0;
  }

  async #set(addresses: readonly Address[]): Promise<void> {
    await this.#control.setUpstreams("client", addresses);
    this.#addresses = addresses;
  }
}
