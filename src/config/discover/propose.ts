/**
 * From what was seen to experiments, ranked: traffic of the edge times the protection that is missing against just this fault,
 * times what the question is worth; what logs tell of comes on top.
 */
import type { Fault } from "../../core/fault.ts";
import type { DependencySpec, Suite } from "../../core/suite.ts";
import { faultSchema } from "../fault-schema.ts";
import type { WrittenFault } from "../packs/pack.ts";
import { placeFault } from "../suite-build.ts";
import type { EdgeContext } from "./candidate.ts";
import { EDGE_ROWS } from "./edge-rows.ts";
import { type Evidence, type LogEvidence, logEvidence } from "./log-evidence.ts";
import type { Observed } from "./observed.ts";
import { protectionOf, UNKNOWN_MISSING } from "./protection.ts";
import type { EdgeQuestion, ServiceQuestion } from "./question.ts";
import { SERVICE_ROWS } from "./service-rows.ts";
import { trafficWords } from "./words.ts";

export interface Proposal {
  readonly name: string;
  /** A dependency's name, `service` or `client`. */
  readonly on: string;
  readonly faults: readonly WrittenFault[];
  /** Higher is first; comparable within one run of discover only. */
  readonly score: number;
  /** Why, one sentence each, without secrets. */
  readonly reasons: readonly string[];
}

/** What is left of an experiment's worth where nothing is missing: a protection can be lost again, and a gate is there to see it. */
const GUARD = 0.15;
/** Most that logs can add, at a hundred lines: what has happened is worth more than what could. */
const MOST_OF_LOGS = 0.5;
const LOG_DECADES = 2;

const ofLogs = (evidence: readonly Evidence[]): number => {
  const lines = evidence.reduce((sum, each) => sum + each.lines, 0);
  return MOST_OF_LOGS * Math.min(1, Math.log10(1 + lines) / LOG_DECADES);
};

/** Names of experiments allow less than names of dependencies. */
const nameOf = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 80);

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const edgeProposals = (context: EdgeContext, evidence: LogEvidence): Proposal[] => {
  const { edge } = context;
  // No probe has asked this very question: what others said of the edge counts for half.
  const general = (protectionOf(edge).missing + UNKNOWN_MISSING) / 2;
  return (Object.keys(EDGE_ROWS) as EdgeQuestion[]).flatMap((question) => {
    const row = EDGE_ROWS[question];
    const logged = evidence.of(edge.edge, question);
    const needsLog =
      row.onlyIfLogged === "always" || (row.onlyIfLogged === "on-http" && edge.protocol === "http");
    if (!row.applies(context) || (needsLog && logged.length === 0)) return [];
    const missing = row.missing(edge) ?? general;
    return [
      {
        name: nameOf(`${edge.edge.slice(0, 60)}-${row.suffix}`),
        on: edge.edge,
        faults: row.faults(context),
        score: edge.requestShare * row.weight * (GUARD + (1 - GUARD) * missing) + ofLogs(logged),
        reasons: [
          `${upper(trafficWords(edge))}; ${row.because(edge)}.`,
          ...logged.map(({ words }) => `${upper(words)}.`),
        ],
      },
    ];
  });
};

const serviceProposals = (observed: Observed, suite: Suite, evidence: LogEvidence): Proposal[] => {
  const context = { observed, suite };
  return (Object.keys(SERVICE_ROWS) as ServiceQuestion[]).flatMap((question) => {
    const row = SERVICE_ROWS[question];
    const logged = evidence.of(null, question);
    if (!row.applies(context) || (row.onlyIfLogged !== undefined && logged.length === 0)) return [];
    const faults = row.faults(context);
    return [
      {
        name: row.name,
        on: faults.some(({ kind }) => kind === "overload" || kind === "client-abort") ? "client" : "service",
        faults,
        score: row.weight + ofLogs(logged),
        reasons: [`${upper(row.because(context))}.`, ...logged.map(({ words }) => `${upper(words)}.`)],
      },
    ];
  });
};

/** Everything that could be proposed, best first. Equal scores keep the order of suite and tables. */
export const rankProposals = (observed: Observed, suite: Suite): readonly Proposal[] => {
  const specs = new Map(suite.dependencies.map((spec) => [spec.name, spec]));
  const contexts = observed.edges.flatMap((edge): EdgeContext[] => {
    const spec = specs.get(edge.edge);
    return spec === undefined || edge.calls === 0 ? [] : [{ edge, spec, suite }];
  });
  const evidence = logEvidence(observed, contexts);
  return [
    ...contexts.flatMap((context) => edgeProposals(context, evidence)),
    ...serviceProposals(observed, suite, evidence),
  ].toSorted((a, b) => b.score - a.score);
};

/** The core's faults of a proposal. @throws a zod error where the tables are wrong (a test holds that they are not) */
export const faultsOf = (
  { faults }: Pick<Proposal, "faults">,
  dependencies: readonly DependencySpec[],
): readonly Fault[] => faults.map((fault) => placeFault(faultSchema.parse(fault), dependencies));

/** A Retry-After beyond this asks another question than a short one. */
const LONG_WAIT_S = 60;

const questionAsked = (fault: Fault): string => {
  const extent = fault.fraction < 1 ? "part" : "whole";
  if (fault.kind !== "http-error") return [fault.kind, fault.on, extent].join("/");
  const retryAfter = Object.entries(fault.headers).find(
    ([name]) => name.toLowerCase() === "retry-after",
  )?.[1];
  const wait = Number(retryAfter ?? 0) > LONG_WAIT_S ? "long" : "short";
  return [fault.kind, fault.on, extent, fault.status, wait].join("/");
};

/**
 * What a set of faults asks of the service, without how strong they are: two experiments with one key differ in figures alone,
 * and a suite needs only one of them.
 */
export const questionKey = (faults: readonly Fault[]): string =>
  faults.map(questionAsked).toSorted().join(" + ");

export interface Chosen {
  readonly proposals: readonly Proposal[];
  /** Asked by the suite already, under these names. */
  readonly already: readonly { readonly proposal: string; readonly experiment: string }[];
  /** Left out because they cannot be done here. */
  readonly impossible: readonly { readonly proposal: string; readonly why: string }[];
  /** How many more there would be. */
  readonly more: number;
}

export interface ChooseOptions {
  readonly suite: Suite;
  /** Most proposals. */
  readonly most: number;
  /** Why an experiment cannot be run on this suite and runtime; null: it can. */
  readonly whyNot: (proposal: Proposal) => string | null;
}

/** The best of the ranked that are new, possible and have names of their own. */
export const chooseProposals = (ranked: readonly Proposal[], options: ChooseOptions): Chosen => {
  const { suite, most, whyNot } = options;
  const asked = new Map(
    [...suite.experiments, ...suite.frontiers].map(({ name, faults }) => [
      // Of a frontier the levels are one question.
      questionKey(suite.frontiers.some((each) => each.name === name) ? faults.slice(-1) : faults),
      name,
    ]),
  );
  const names = new Set([...suite.experiments, ...suite.frontiers].map(({ name }) => name));
  const proposals: Proposal[] = [];
  const already: { proposal: string; experiment: string }[] = [];
  const impossible: { proposal: string; why: string }[] = [];
  let more = 0;
  for (const proposal of ranked) {
    const key = questionKey(faultsOf(proposal, suite.dependencies));
    const experiment = asked.get(key);
    if (experiment !== undefined) {
      if (!proposals.some(({ name }) => name === experiment))
        already.push({ proposal: proposal.name, experiment });
      continue;
    }
    const named = { ...proposal, name: freeName(proposal.name, names) };
    const why = whyNot(named);
    if (why !== null) impossible.push({ proposal: proposal.name, why });
    else if (proposals.length >= most) more++;
    else {
      proposals.push(named);
      asked.set(key, named.name);
      names.add(named.name);
    }
  }
  return { proposals, already, impossible, more };
};

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) {
    const next = `${name.slice(0, 75)}-${number}`;
    if (!taken.has(next)) return next;
  }
};
