/** Parts of suites in documents: each is put where it belongs in a suite that is whole, and taken through the suite's door. */
import { parseSuite } from "../../../src/config/suite.ts";
import { suiteSchema } from "../../../src/config/suite-schema.ts";

type Map = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Map =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const DEPENDENCIES = { llm: { stub: "openai" }, vector: { command: "node vector.ts", port: 6333 } };
const EXPERIMENTS = ["cpu-starved", "llm-down"].map((name) => ({
  name,
  faults: [{ kind: "cpu-limit", cpus: 0.5 }],
}));

const OF_SERVICE: Map = {
  version: 1,
  service: { command: "node server.ts", ready: "/healthz" },
  dependencies: DEPENDENCIES,
  workload: { requests: "requests.jsonl", rate: "20/s" },
  experiments: EXPERIMENTS,
};
const OF_CONTAINER: Map = { ...OF_SERVICE, runtime: "docker", service: { image: "answers:1", port: 80 } };
const OF_JOB: Map = {
  version: 1,
  service: { command: "python train.py" },
  dependencies: { ...DEPENDENCIES, data: { command: "python shards.py" } },
  workload: { job: { steps: 100 } },
  experiments: [{ name: "killed", at: { step: 10 }, faults: [{ kind: "kill" }] }],
};

const TOP = new Set(Object.keys(suiteSchema.shape));
/** Keys of `workload.job` that documents show by themselves; each stands for a choice of its own. */
const OF_JOBS = new Set(["file", "metrics", "restart", "patterns", "log"]);

/** A part's maps go into the stand-in's own, one level deep. */
const merged = (base: Map, part: Map): Map => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      const own = base[key];
      // A job's workload is that alone.
      if (key === "workload" && isMap(value) && "job" in value) return [key, value];
      return [key, isMap(value) && isMap(own) ? { ...own, ...value } : value];
    }),
  ),
});

const experiment = (faults: readonly unknown[]): Map => ({ name: "shown", faults });

/** The whole suites that a fragment can be part of; null where it is no part of one. */
const candidates = (value: unknown): readonly (readonly Map[])[] | null => {
  const inAny = (part: Map): readonly Map[] =>
    [OF_SERVICE, OF_CONTAINER, OF_JOB].map((base) => merged(base, part));
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    if (!items.every((item) => isMap(item) && ("pack" in item || "faults" in item || "frontier" in item)))
      return null;
    return [inAny({ experiments: items })];
  }
  if (!isMap(value)) return null;
  const keys = Object.keys(value);
  if ("kind" in value)
    return [
      [
        ...inAny({ experiments: [experiment([value])] }),
        merged(OF_JOB, { experiments: [{ ...experiment([value]), at: { step: 10 } }] }),
      ],
    ];
  if (keys.every((key) => TOP.has(key))) return [inAny(value)];
  if (keys.every((key) => OF_JOBS.has(key)))
    return keys.map((key) => [merged(OF_JOB, { workload: { job: { steps: 100, [key]: value[key] } } })]);
  return null;
};

/** Steps of a workflow: another file than a suite. */
const isWorkflowStep = (item: unknown): boolean => isMap(item) && ("uses" in item || "run" in item);

/** Why no suite can hold this fragment; empty where one can, or where it is a workflow's. */
export const fragmentProblems = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every(isWorkflowStep)) return [];
  const parts = candidates(value);
  if (parts === null)
    return ["is neither a whole suite (version: 1), nor a part of one, nor steps of a workflow"];
  return parts.flatMap((suites) => {
    const results = suites.map((suite) => parseSuite(JSON.stringify(suite), { file: "squall.yml" }));
    if (results.some(({ ok }) => ok)) return [];
    return results.flatMap((result) =>
      result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`),
    );
  });
};
