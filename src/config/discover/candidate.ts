/** One experiment that could be proposed, before it is ranked. */
import type { DependencySpec, Suite } from "../../core/suite.ts";
import type { WrittenFault } from "../packs/pack.ts";
import type { Observed, ObservedEdge } from "./observed.ts";

export interface EdgeContext {
  readonly edge: ObservedEdge;
  readonly spec: DependencySpec;
  readonly suite: Suite;
}

export interface EdgeRow {
  /** Ends the experiment's name: "down" makes `llm-down`. */
  readonly suffix: string;
  /** How much it is worth where nothing protects the edge; 0..1. */
  readonly weight: number;
  /** Where it is only proposed if logs speak for it; absent: nowhere. */
  readonly onlyIfLogged?: "always" | "on-http";
  readonly applies: (context: EdgeContext) => boolean;
  /** Protection that is missing against just this, 0..1; null: the edge's in general. */
  readonly missing: (edge: ObservedEdge) => number | null;
  /** What was seen that speaks for it, beyond the traffic; a part of a sentence. */
  readonly because: (edge: ObservedEdge) => string;
  readonly faults: (context: EdgeContext) => readonly WrittenFault[];
}

export interface ServiceContext {
  readonly observed: Observed;
  readonly suite: Suite;
}

export interface ServiceRow {
  readonly name: string;
  readonly weight: number;
  readonly onlyIfLogged?: "always";
  readonly applies: (context: ServiceContext) => boolean;
  readonly because: (context: ServiceContext) => string;
  readonly faults: (context: ServiceContext) => readonly WrittenFault[];
}
