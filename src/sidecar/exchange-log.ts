import type { ExchangeRecord } from "../core/exchange.ts";
import type { ActiveAnswer } from "../core/sidecar-protocol.ts";

const CAPACITY = 100_000;

const increment = (counts: Map<string, number>, edge: string): void => {
  counts.set(edge, (counts.get(edge) ?? 0) + 1);
};

/** The newest records, pulled by sequence, and what each edge counts. */
export class ExchangeLog {
  private readonly ring: ExchangeRecord[] = [];
  private sequence = 0;
  private readonly open = new Map<string, number>();
  private readonly begun = new Map<string, number>();
  private readonly connections = new Map<string, number>();

  accepted(edge: string): void {
    increment(this.connections, edge);
  }

  opened(edge: string): void {
    increment(this.open, edge);
    increment(this.begun, edge);
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

  active(edges: readonly string[]): ActiveAnswer {
    const of = (counts: ReadonlyMap<string, number>): Record<string, number> =>
      Object.fromEntries(edges.map((edge) => [edge, counts.get(edge) ?? 0]));
    return { open: of(this.open), begun: of(this.begun), accepted: of(this.connections) };
  }
}
