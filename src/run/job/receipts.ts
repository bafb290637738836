import type { Receipt } from "../../core/exchange.ts";

/** Counts of faults over a run, by the strike for which they were in force. Engines count from when their state was set; this adds up. */
export class Receipts {
  readonly #byStrike = new Map<number, Map<string, Receipt>>();
  /** As last read, since the engine's state was set. */
  readonly #lastRead = new Map<string, Receipt>();

  /** A reading of what an engine counted so far; what is new of it is the strike's. */
  read(receipt: Receipt, strike: number): void {
    const last = this.#lastRead.get(receipt.faultId);
    this.#lastRead.set(receipt.faultId, receipt);
    this.add(strike, {
      ...receipt,
      seen: Math.max(0, receipt.seen - (last?.seen ?? 0)),
      affected: Math.max(0, receipt.affected - (last?.affected ?? 0)),
    });
  }

  /** The engine counts these from 0 again. */
  forget(faultIds: readonly string[]): void {
    for (const id of faultIds) this.#lastRead.delete(id);
  }

  add(strike: number, receipt: Receipt): void {
    const own = this.#byStrike.get(strike) ?? new Map<string, Receipt>();
    this.#byStrike.set(strike, own);
    const before = own.get(receipt.faultId);
    own.set(receipt.faultId, {
      ...receipt,
      seen: receipt.seen + (before?.seen ?? 0),
      affected: receipt.affected + (before?.affected ?? 0),
    });
  }

  of(strike: number): readonly Receipt[] {
    return [...(this.#byStrike.get(strike)?.values() ?? [])];
  }

  /** Calls that a fault met, over all strikes. */
  seen(faultId: string): number {
    let sum = 0;
    for (const own of this.#byStrike.values()) sum += own.get(faultId)?.seen ?? 0;
    return sum;
  }
}
