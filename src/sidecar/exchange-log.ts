import type { ExchangeRecord } from "../core/exchange.ts";

const CAPACITY = 100_000;

/** The newest records, pulled by sequence, and the number of exchanges still open on each edge. */
export class ExchangeLog {
  private readonly ring: ExchangeRecord[] = [];
  private sequence = 0;
  private readonly open = new Map<string, number>();

  opened(edge: string): void {
    this.open.set(edge, (this.open.get(edge) ?? 0) + 1);
  }

  /** Ends an opened exchange. */
  ended(record: Omit<ExchangeRecord, "sequence">): void {
    this.open.set(record.edge, (this.open.get(record.edge) ?? 1) - 1);
    const sequence = ++this.sequence;
    this.ring[(sequence - 1) % CAPACITY] = { sequence, ...record };
  }

  /** Records with a sequence above `after`, oldest first. What has left the ring is gone. */
  *since(after: number): Generator<ExchangeRecord> {
    const first = Math.max(after, this.sequence - CAPACITY, 0);
    // The end is fixed at the start: a reader slower than the traffic still comes to an end.
    const last = this.sequence;
    for (let sequence = first + 1; sequence <= last; sequence++) {
      const record = this.ring[(sequence - 1) % CAPACITY];
      if (record !== undefined && record.sequence === sequence) yield record;
    }
  }

  active(edges: readonly string[]): Record<string, number> {
    return Object.fromEntries(edges.map((edge) => [edge, this.open.get(edge) ?? 0]));
  }
}
