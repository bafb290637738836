/**
 * A service, its dependencies and a sidecar that are all in memory, behind the ports a run sees: what happened is told in
 * `events`, what the service does is scripted. Windows replay at once: their clock only counts on.
 */
import { type ExchangeRecord, type Receipt, requestKey } from "../../../src/core/exchange.ts";
import type { FaultKind } from "../../../src/core/fault.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type {
  PlacedEdgeRemedy,
  PlacedRuntimeRemedy,
  Remedy,
  RemedyReceipt,
} from "../../../src/core/remedy/remedy.ts";
import type { Suite } from "../../../src/core/suite.ts";
import type { LoadWindow, PlacedEngineFault, PlannedRequest, ProcessExit } from "../../../src/run/ports.ts";

/** What the service makes of one request. */
export interface Behaviour {
  readonly outcome?: Outcome;
  readonly latencyMs?: number;
  readonly lagMs?: number;
}

export interface Script {
  /** Of requests in windows (-1: settling and warming up). `run` counts the calls of the generator's run, from 0. */
  readonly answer?: (request: PlannedRequest, window: LoadWindow, run: number) => Behaviour;
  readonly calmOutcome?: Outcome;
  /** Are calls told to belong to their request? */
  readonly attributed?: boolean;
  /** Resolves when the window may end. */
  readonly hold?: (window: LoadWindow) => Promise<void>;
  /** Epoch ms of the first good answer to a probe; null for none. */
  readonly probe?: (startedAtMs: number) => number | null;
  /** Calls open at each look, the last for ever after. */
  readonly open?: readonly Readonly<Record<string, number>>[];
  /** A kind that no engine and no runtime can do. */
  readonly cannot?: FaultKind;
  /** Which faults can strike a call at all. */
  readonly strikes?: (placed: PlacedEngineFault) => boolean;
  /** Thrown when a fault is taken away. */
  readonly clearError?: () => Error | null;
  readonly serviceUrls?: readonly string[];
  /** Calls that an edge remedy did something to since it was set; absent: one. */
  readonly acted?: (remedy: PlacedEdgeRemedy) => number;
  /** Thrown when edge remedies are set. */
  readonly remedyError?: (remedies: readonly PlacedEdgeRemedy[]) => Error | null;
  /** Absent: no remedy of a runtime can be done. */
  readonly canRelieve?: (
    remedy: PlacedRuntimeRemedy,
  ) => { readonly ok: true } | { readonly ok: false; readonly reason: string };
}

export class World {
  readonly events: string[] = [];
  readonly exits: ProcessExit[] = [];
  readonly placed: PlacedEngineFault[] = [];
  readonly windows: LoadWindow[] = [];
  readonly suite: Suite;
  readonly script: Script;
  /** In force now. */
  inForce: readonly PlacedEngineFault[] = [];
  /** The remedy in force now. */
  remedy: Remedy | null = null;
  /** Epoch ms at which the window under way, or the last, began. */
  startedAtMs = 0;
  #clockMs = 0;
  #looks = 0;
  #sequence = 0;
  #calls = 0;
  #records: ExchangeRecord[] = [];

  constructor(suite: Suite, script: Script = {}) {
    this.suite = suite;
    this.script = script;
  }

  /** Begins a window of the generator: windows follow each other, never earlier than now. */
  begin(window: LoadWindow): number {
    this.startedAtMs = Math.max(Date.now(), this.#clockMs);
    this.#clockMs = this.startedAtMs + Math.max(0, ...window.requests.map(({ atMs }) => atMs)) + 50;
    return this.startedAtMs;
  }

  /** A second into the window; now, where a real generator keeps the time. */
  killedAtMs(): number {
    return this.windows.length === 0 ? Date.now() : this.startedAtMs + 1000;
  }

  endedAtMs(): number {
    return this.#clockMs;
  }

  /** The service asks each dependency once for a request. */
  call(request: Pick<PlannedRequest, "requestId" | "repetition">, atMs: number): void {
    for (const { name } of this.suite.dependencies) {
      const key = requestKey(request.requestId, request.repetition);
      const known = this.script.attributed !== false;
      const number = this.#calls++;
      this.#records.push({
        sequence: ++this.#sequence,
        edge: name,
        method: "POST",
        path: "/v1",
        status: 200,
        startedMs: atMs,
        firstByteMs: atMs + 1,
        endedMs: atMs + 2,
        longestGapMs: null,
        upstreamMs: 4,
        bytesUp: 1,
        bytesDown: 1,
        end: "complete",
        requestKey: known ? key : null,
        attributedBy: known ? "header" : "none",
        attempt: 1,
        faults: this.inForce
          .filter((placed) => {
            const { fault, marks } = placed;
            if (fault.on !== name || this.script.strikes?.(placed) === false) return false;
            if (marks.type === "keys") return marks.keys.includes(key);
            return marks.type === "all" || marks.pattern[number % marks.pattern.length] === true;
          })
          .map(({ id }) => id),
      });
    }
  }

  setRemedies(remedies: readonly PlacedEdgeRemedy[]): Promise<void> {
    const error = this.script.remedyError?.(remedies) ?? null;
    if (error !== null) return Promise.reject(error);
    this.remedy = remedies[0] ?? null;
    this.events.push(`remedies ${remedies.map(({ kind }) => kind).join(" ")}`.trim());
    return Promise.resolve();
  }

  remedyReceipts(): readonly RemedyReceipt[] {
    const { remedy } = this;
    if (remedy === null) return [];
    const acted = this.script.acted?.(remedy as PlacedEdgeRemedy) ?? 1;
    return [{ on: remedy.on, kind: remedy.kind, seen: acted, acted }];
  }

  relieve(remedy: PlacedRuntimeRemedy | null): void {
    this.remedy = remedy;
    this.events.push(remedy === null ? "relieved no more" : `relieve ${remedy.kind}`);
  }

  takeRecords(): readonly ExchangeRecord[] {
    const taken = this.#records;
    this.#records = [];
    return taken;
  }

  receiptOf({ id, fault }: PlacedEngineFault): Receipt {
    const mine = this.#records.filter(({ edge }) => edge === fault.on);
    return {
      faultId: id,
      edge: fault.on,
      seen: mine.length,
      affected: mine.filter(({ faults }) => faults.includes(id)).length,
    };
  }

  look(): Readonly<Record<string, number>> {
    const looks = this.script.open ?? [];
    return looks[Math.min(this.#looks++, looks.length - 1)] ?? {};
  }
}
