import { connect } from "node:net";
import { SquallError } from "../../../core/errors.ts";
import type { Receipt } from "../../../core/exchange.ts";
import type { ActiveAnswer } from "../../../core/sidecar-protocol.ts";
import type { Injection, PlacedEngineFault, SidecarControl } from "../../../run/ports.ts";
import type { Toxic } from "./client.ts";
import type { Conduct, OwnProxy } from "./own-proxy.ts";
import { type Translated, translate } from "./toxics.ts";

/** One fault on its proxy. */
interface Strike {
  readonly placed: PlacedEngineFault;
  readonly proxy: OwnProxy;
  readonly translated: Translated;
  readonly toxics: readonly Toxic[];
  /** What the sidecar had counted when it began. */
  before: ActiveAnswer | null;
  /** Set when it has ended: what it came to. */
  total: Receipt | null;
}

const LOOPBACK = /^(127\.|localhost$|\[?::1\]?$)/;
const PROBE_LIMIT_MS = 5000;

/** What becomes of a connection to there: "refused", "accepted", or the error's code. */
const fateOf = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (fate: string): void => {
      socket.destroy();
      resolve(fate);
    };
    socket.setTimeout(PROBE_LIMIT_MS, () => done("silent"));
    socket.once("connect", () => done("accepted"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      done(code === "ECONNREFUSED" ? "refused" : String(code)),
    );
  });

const conductOf = (strikes: readonly Strike[]): Conduct => ({
  toxics: strikes.flatMap(({ toxics }) => toxics),
  refuses: strikes.some(({ translated }) => translated.refuses),
});

/** Faults of one window on their proxies. Changes follow one another, whoever asks for them. */
export class ToxiproxyInjection implements Injection {
  readonly #sidecar: SidecarControl;
  readonly #strikes: readonly Strike[];
  /** In force, or perhaps so: whatever is not proven to be gone. */
  readonly #inForce: Set<Strike>;
  readonly #timers: NodeJS.Timeout[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    sidecar: SidecarControl,
    proxyOf: (edge: string) => OwnProxy,
    placed: readonly PlacedEngineFault[],
  ) {
    this.#sidecar = sidecar;
    this.#strikes = placed.map((one, index): Strike => {
      const translated = translate(one.fault);
      if (!translated.ok) {
        throw new SquallError("fault-unsupported", translated.reason, {
          place: `${one.fault.kind} on ${one.fault.on}`,
          remedy: "Write engine: sidecar, or leave engine out.",
        });
      }
      const toxics = translated.toxics.map(({ type, stream, attributes }) => ({
        attributes,
        name: `${type}-${stream}-${index + 1}`,
        type,
        stream,
        toxicity: 1,
      }));
      return { placed: one, proxy: proxyOf(one.fault.on), translated, toxics, before: null, total: null };
    });
    this.#inForce = new Set(this.#strikes);
  }

  /** Puts all in force, and proves it. @param deadlineMs after which whatever is left is taken away */
  async begin(deadlineMs: number): Promise<void> {
    for (const [proxy, own] of Map.groupBy(this.#strikes, (strike) => strike.proxy)) {
      await proxy.conduct(
        conductOf(own),
        own.some(({ translated }) => translated.onFreshConnections),
      );
      if (own.some(({ translated }) => translated.refuses)) await this.#proveRefusal(proxy);
    }
    const before = await this.#countsSoFar();
    for (const strike of this.#strikes) {
      strike.before = before;
      const forMs = Math.min(strike.placed.fault.forMs ?? deadlineMs, deadlineMs);
      // Should this fail, clear() will find it in force and say so.
      this.#timers.push(
        setTimeout(() => void this.#inTurn(() => this.#end([strike])).catch(() => undefined), forMs),
      );
    }
  }

  receipts(): Promise<readonly Receipt[]> {
    return this.#inTurn(async () => {
      const active = await this.#countsSoFar();
      return Promise.all(
        this.#strikes.map(async (strike) => strike.total ?? this.#receiptOf(strike, active)),
      );
    });
  }

  clear(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    return this.#inTurn(() => this.#end([...this.#inForce]));
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Asked twice: a connection that was cut at once may lie unaccepted beside our first question, and is counted by the
   * second, which the sidecar only reads in a later turn.
   */
  async #countsSoFar(): Promise<ActiveAnswer> {
    await this.#sidecar.active();
    return this.#sidecar.active();
  }

  async #proveRefusal(proxy: OwnProxy): Promise<void> {
    if (!LOOPBACK.test(proxy.host)) return;
    const fate = await fateOf(proxy.host, proxy.port);
    if (fate === "refused") return;
    throw new SquallError("engine-unavailable", `A connection that Toxiproxy should refuse is ${fate}.`, {
      place: `${proxy.host}:${proxy.port}`,
      remedy: "Look what else listens on that port.",
    });
  }

  /** Counts up to now. Someone who resets the server takes our toxics away: then nothing is known to be struck. */
  async #receiptOf({ placed, proxy, translated, before }: Strike, active: ActiveAnswer): Promise<Receipt> {
    const { fault, id: faultId } = placed;
    const edge = fault.on;
    const there = [...this.#inForce].filter((strike) => strike.proxy === proxy);
    const deviation = await proxy.deviation(conductOf(there));
    const since = (name: "begun" | "accepted"): number =>
      (active[name][edge] ?? 0) - (before?.[name][edge] ?? 0);
    // A kept connection carries many exchanges; one that is cut early none at all.
    const come = Math.max(since("begun"), since("accepted"));
    const standing = translated.onFreshConnections ? 0 : (before?.open[edge] ?? 0);
    const seen = translated.refuses ? 1 : standing + come;
    return { faultId, edge, seen, affected: deviation === null ? seen : 0 };
  }

  /** Takes these away and proves it, proxy by proxy; the others go on. */
  async #end(strikes: readonly Strike[]): Promise<void> {
    const ending = new Set(strikes.filter((strike) => this.#inForce.has(strike)));
    const errors: unknown[] = [];
    for (const [proxy, own] of Map.groupBy(ending, (strike) => strike.proxy)) {
      const rest = [...this.#inForce].filter((strike) => strike.proxy === proxy && !ending.has(strike));
      try {
        await this.#count(own);
        await withdraw(
          proxy,
          conductOf(rest),
          own.some(({ translated }) => translated.onFreshConnections),
        );
        for (const strike of own) this.#inForce.delete(strike);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    throw new SquallError("fault-not-cleared", "Toxiproxy could not be made to end a fault.", {
      place: [...this.#inForce].map(({ proxy }) => proxy.place).join(", "),
      remedy: "Look whether it still runs, and delete what is left there: docs/toxiproxy.md says how.",
      detail: errors.map(String),
      cause: errors[0],
    });
  }

  /** Receipts of what ends before the run asks; whoever clears does not depend on it. */
  async #count(strikes: readonly Strike[]): Promise<void> {
    try {
      const active = await this.#countsSoFar();
      for (const strike of strikes) strike.total ??= await this.#receiptOf(strike, active);
    } catch {
      // The sidecar may be gone when a failed run is cleared.
    }
  }
}

/** Gently where it can be; a toxic that will not go takes its connections along. */
const withdraw = async (proxy: OwnProxy, rest: Conduct, breaking: boolean): Promise<void> => {
  try {
    await proxy.conduct(rest, breaking);
  } catch {
    await proxy.conduct(rest, true);
  }
};
