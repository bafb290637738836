import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import { defaultTarget, faultConflict, type ParsedFault } from "../fault-schema.ts";
import { nearestOf, type PathPart, quoted } from "../problems.ts";
import { dependencyProtocol } from "../process-build.ts";
import { RESERVED_NAMES } from "../suite-defaults.ts";
import { at, clash, type FaultRule, type SuiteCheck } from "./check.ts";
import { engineCanDoIt, toxiproxyIsThere, toxiproxyTakesAll } from "./engines.ts";

const familyOf = (fault: ParsedFault) => FAULT_CATALOGUE[fault.kind].family;

const wrongTarget = (
  path: readonly PathPart[],
  on: string,
  message: string,
  allowed: string,
  remedy?: string,
) =>
  at([...path, "on"], {
    code: "conflict",
    found: quoted(on),
    message,
    allowed,
    ...(remedy === undefined ? {} : { remedy }),
  });

/** `on` names an edge or process that exists and that this kind can strike. */
const targetExists: FaultRule = (fault, path, { dependencies }, { problem }) => {
  const on = fault.on ?? defaultTarget(fault.kind);
  const names = [...dependencies.keys()].filter((name) => !RESERVED_NAMES.includes(name));
  const family = familyOf(fault);
  const process = family === "process";
  const known = process ? ["service", ...names] : family === "load" ? ["client"] : ["client", ...names];
  if (on === undefined) {
    problem(
      at([...path, "on"], {
        code: "missing-key",
        found: "nothing",
        message: "on is missing: which connection is struck",
        allowed: known.join(", "),
      }),
    );
  } else if (family === "load" && on !== "client") {
    problem(wrongTarget(path, on, `${fault.kind} is something clients do`, "client, or nothing"));
  } else if (on === "service" && !process) {
    problem(
      wrongTarget(
        path,
        on,
        `${fault.kind} strikes a connection, and service is a process`,
        known.join(", "),
        "For the connection between clients and the service write on: client.",
      ),
    );
  } else if (on === "client" && process) {
    problem(
      wrongTarget(path, on, `${fault.kind} strikes a process, and client is a connection`, known.join(", ")),
    );
  } else if (!known.includes(on)) {
    const nearest = nearestOf(on, known);
    problem({
      ...wrongTarget(path, on, "This names no dependency", known.join(", ")),
      code: "unknown-name",
      ...(nearest === undefined ? {} : { nearest }),
    });
  }
};

const WITHOUT_PROCESS = [
  ["stub", "a stub"],
  ["url", "a URL"],
  ["cassette", "a cassette"],
] as const;

/** A process fault needs a process of ours behind its target. */
const targetIsAProcess: FaultRule = (fault, path, { dependencies }, { problem }) => {
  if (familyOf(fault) !== "process" || fault.on === undefined) return;
  const dependency = dependencies.get(fault.on);
  if (dependency === undefined) return;
  const what = WITHOUT_PROCESS.find(([key]) => dependency[key] !== undefined)?.[1];
  if (what === undefined) return;
  problem(
    wrongTarget(
      path,
      fault.on,
      `${fault.on} is ${what}: there is no process to ${fault.kind}`,
      "service, or a dependency with command, image, build or compose",
      `Write kind: refuse or blackhole, on: ${fault.on}, for the same seen from the service.`,
    ),
  );
};

/** Bytes relayed unread carry no requests. */
const tcpTakesBytes: FaultRule = (fault, path, { dependencies }, { problem }) => {
  const dependency = fault.on === undefined ? undefined : dependencies.get(fault.on);
  if (dependency === undefined || dependencyProtocol(dependency) !== "tcp") return;
  const family = familyOf(fault);
  if (family === "http" || family === "stream")
    problem(
      wrongTarget(
        path,
        fault.on ?? "",
        `${fault.kind} needs HTTP, and ${fault.on} is protocol tcp`,
        "a dependency of protocol http",
        "Use a byte fault such as latency, reset, refuse or blackhole.",
      ),
    );
  for (const key of ["match", "attempts"] as const) {
    if (fault[key] !== undefined && family === "bytes")
      problem(
        clash(
          [...path, key],
          `${key} needs HTTP, and ${fault.on} is protocol tcp`,
          "fraction (of connections), first, for",
        ),
      );
  }
};

/** What works by the clock strikes everything. */
const byTheClock: FaultRule = (fault, path, _parts, { problem }) => {
  const row = FAULT_CATALOGUE[fault.kind];
  if (row.perRequest) return;
  for (const key of ["fraction", "attempts", "match", "first"] as const) {
    const value = fault[key];
    if (value === undefined || (value === 1 && key === "fraction") || value === "all") continue;
    problem(
      clash([...path, key], `${fault.kind} works by the clock on everything: it takes no ${key}`, "for"),
    );
  }
};

/** Of the client edge there is one call per request: only whole-answer load faults take a part. */
const loadFaultKeys: FaultRule = (fault, path, _parts, { problem, warning }) => {
  if (fault.kind !== "client-abort") return;
  if ((fault.fraction ?? 1) === 1)
    warning(
      at(path, {
        code: "conflict",
        found: "all requests",
        message: "Every client hangs up, so no answer is left to judge: this experiment cannot pass",
        allowed: "a fraction below 100%",
        remedy: "Write for example fraction: 30%.",
      }),
    );
  for (const key of ["attempts", "match", "first", "for"] as const)
    if (fault[key] !== undefined)
      problem(clash([...path, key], `client-abort takes no ${key}`, "fraction, afterEvents"));
};

const parametersAgree: FaultRule = (fault, path, _parts, { problem }) => {
  const conflict = faultConflict(fault);
  if (conflict === undefined) return;
  problem(
    at(path, {
      code: "conflict",
      found: fault.kind,
      message: `${fault.kind}: ${conflict}`,
      allowed: "see docs/faults.md",
    }),
  );
};

/** Only names that the sidecar bears can be taken away. */
const namesExist: FaultRule = (fault, path, { dependencies }, { problem }) => {
  if (fault.kind !== "dns-fail" || !("names" in fault)) return;
  const known = [...dependencies.entries()].flatMap(([name, dependency]) =>
    dependency?.compose?.service === undefined ? [name] : [name, dependency.compose.service],
  );
  for (const [index, name] of (fault.names as readonly string[]).entries()) {
    if (known.includes(name)) continue;
    const nearest = nearestOf(name, known);
    problem(
      at([...path, "names", index], {
        code: "unknown-name",
        found: quoted(name),
        message: "This names no dependency, and only their names are the sidecar's to take away",
        allowed: known.join(", "),
        ...(nearest === undefined ? {} : { nearest }),
      }),
    );
  }
};

const replicaExists: FaultRule = (fault, path, { service, workload }, { problem }) => {
  if (!("replica" in fault) || service === undefined || (fault.on ?? "service") !== "service") return;
  const { replica } = fault;
  const job = workload?.job;
  const count = job?.workers ?? service.replicas;
  const [whose, noun] = job === undefined ? ["service", "replica"] : ["job", "worker"];
  if (typeof replica === "number" && replica >= count)
    problem(
      at([...path, "replica"], {
        code: "unknown-name",
        found: String(replica),
        message: `The ${whose} has ${count} ${noun}${count === 1 ? "" : "s"}, counted from 0`,
        allowed: count === 1 ? "0, or random" : `0 to ${count - 1}, or random`,
      }),
    );
};

/** Kinds that a bare machine cannot do; said early, though the plan says it again for any runtime. */
const CONTAINER_KINDS: ReadonlySet<string> = new Set([
  "memory-limit",
  "disk-full",
  "disk-slow",
  "dns-fail",
  "clock-skew",
  "disconnect",
  "packet-loss",
]);

const runtimeCanDoIt: FaultRule = (fault, path, { runtime }, { problem }) => {
  if (runtime !== "process" || !CONTAINER_KINDS.has(fault.kind)) return;
  problem(
    at([...path, "kind"], {
      code: "unsupported",
      found: fault.kind,
      message: `Runtime process cannot do ${fault.kind}`,
      allowed: "runtime: docker, or another kind",
    }),
  );
};

const RULES: readonly FaultRule[] = [
  targetExists,
  targetIsAProcess,
  tcpTakesBytes,
  byTheClock,
  loadFaultKeys,
  runtimeCanDoIt,
  engineCanDoIt,
  toxiproxyTakesAll,
  toxiproxyIsThere,
];

/** These read the fault's own parameters. */
const WHOLE_RULES: readonly FaultRule[] = [parametersAgree, replicaExists, namesExist];

/** Every rule on every fault that parses. */
export const faultsFit: SuiteCheck = (parts, report) => {
  for (const [index, { faults }] of parts.experiments.entries()) {
    for (const { fault, whole, path } of faults) {
      if (fault === undefined) continue;
      for (const rule of whole ? [...RULES, ...WHOLE_RULES] : RULES)
        rule(fault, ["experiments", index, ...path], parts, report);
    }
  }
};
