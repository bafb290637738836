import type { PlacedEdgeRemedy, RemedyReceipt } from "../../core/remedy/remedy.ts";
import type { RemediesAnswer, RemedyState } from "../../core/sidecar-protocol.ts";
import { createRemedy } from "./registry.ts";
import type { ActiveRemedy, CallOutcome, Next, RemedyCall } from "./remedy.ts";

/** One placed remedy and its counts. */
export class RemedyInForce {
  readonly placed: PlacedEdgeRemedy;
  private readonly active: ActiveRemedy;
  private seen = 0;
  private acted = 0;

  constructor(placed: PlacedEdgeRemedy) {
    this.placed = placed;
    this.active = createRemedy(placed);
  }

  meet(call: RemedyCall, next: Next): Promise<CallOutcome> {
    this.seen++;
    let counted = false;
    return this.active(call, next, () => {
      if (!counted) this.acted++;
      counted = true;
    });
  }

  receipt(): RemedyReceipt {
    const { on, kind } = this.placed;
    return { on, kind, seen: this.seen, acted: this.acted };
  }
}

/** An edge as its remedies see it. */
export interface RemediedEdge {
  readonly name: string;
  /** All that stand before its faults from now on, in order; resolves when they are in force. */
  setRemedies(remedies: readonly RemedyInForce[]): Promise<void>;
}

/** The remedies of all edges: set whole, ended by their own deadline whatever happens to the run. */
export class RemedyHolder {
  private readonly edges: readonly RemediedEdge[];
  private remedies: readonly RemedyInForce[] = [];
  private expired = false;
  private timer: NodeJS.Timeout | undefined;
  /** Changes follow one another. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(edges: readonly RemediedEdge[]) {
    this.edges = edges;
  }

  /** Resolves when they are in force, and none of before is. Remedies must stand on known http edges. */
  set(state: RemedyState): Promise<void> {
    return this.inTurn(async () => {
      clearTimeout(this.timer);
      this.remedies = state.remedies.map((placed) => new RemedyInForce(placed));
      this.expired = false;
      await this.place(this.remedies);
      if (this.remedies.length > 0) this.startClock(state.deadlineMs);
    });
  }

  /** Those of remedies that the deadline has ended stay readable. */
  receipts(): RemediesAnswer {
    return { expired: this.expired, receipts: this.remedies.map((remedy) => remedy.receipt()) };
  }

  close(): Promise<void> {
    return this.inTurn(async () => clearTimeout(this.timer));
  }

  private startClock(deadlineMs: number): void {
    const { remedies } = this;
    this.timer = setTimeout(() => {
      void this.inTurn(async () => {
        if (this.remedies !== remedies) return;
        this.expired = true;
        await this.place([]);
      });
    }, deadlineMs);
  }

  private async place(remedies: readonly RemedyInForce[]): Promise<void> {
    for (const edge of this.edges) {
      await edge.setRemedies(remedies.filter(({ placed }) => placed.on === edge.name));
    }
  }

  private inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.last.then(change);
    this.last = turn.catch(() => {});
    return turn;
  }
}
