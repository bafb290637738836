import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileBaselineStore } from "../../../src/adapters/baselines/file-store.ts";
import { encodeProfile } from "../../../src/config/baseline-file.ts";
import { parseResult } from "../../../src/config/result-file.ts";
import { SquallError } from "../../../src/core/errors.ts";
import type { FailOn } from "../../../src/core/gate/conclude.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { renderJson } from "../../../src/core/report/json.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import type { Finding, Result } from "../../../src/core/verdict.ts";
import type { Ancestry, SourceFiles } from "../../../src/run/forge.ts";
import {
  type BasedChange,
  judgeArtifact,
  type ReportedSuite,
  readReportedSuite,
} from "../../../src/surfaces/action/judge-artifact.ts";
import { madeUpProfile } from "../../support/action/planned-profile.ts";
import { FAILING_MODEL, type TinySuite, tinySuite } from "../../support/action/world.ts";
import { CACHE, HEDGE, RETRY, trial } from "../../support/trials.ts";

const BASE = "b".repeat(40);
const HEAD = "a".repeat(40);
const MERGE = "c".repeat(40);
const SLOW = "{ name: slow, faults: [{ kind: latency, on: llm, delay: 50ms, fraction: 50% }] }";
const REQUESTS = Array.from({ length: 12 }, (_, index) =>
  JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=${index}` }),
).join("\n");

const change: BasedChange = {
  event: "workflow_run",
  repository: "acme/shop",
  headRepository: "stranger/shop",
  defaultBranch: "main",
  headSha: HEAD,
  headBranch: "change",
  measuredSha: MERGE,
  baseSha: BASE,
  baseBranch: "main",
  pullRequest: 1,
  run: { id: 7, attempt: 1 },
};

const ancestry: Ancestry = {
  distance: async (ancestor, commit) => (ancestor === commit ? 0 : null),
  mergeBase: async () => BASE,
};

type Tree = Readonly<Record<string, string>>;

const treeOf = (suite: TinySuite = {}, requests = REQUESTS): Tree => ({
  "squall.yml": tinySuite(suite),
  "requests.jsonl": requests,
});

const sources = (commits: Readonly<Record<string, Tree>>): SourceFiles => ({
  read: async (file, commit) => {
    const text = commits[commit]?.[file];
    return text === undefined ? null : Buffer.from(text);
  },
});

const reportedSuite = async (base: Tree, head: Tree = base, budgetMs?: number): Promise<ReportedSuite> =>
  readReportedSuite(
    { files: sources({ [BASE]: base, [MERGE]: head }), suitePath: "squall.yml", change, budgetMs },
    () => undefined,
  );

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-judge-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

type Judged = Omit<Partial<Parameters<typeof judgeArtifact>[0]>, "files">;

const judgeFiles = async (files: ReadonlyMap<string, Buffer>, given: Judged = {}): Promise<Result> => {
  const judged = await judgeArtifact({
    change,
    files,
    reported: given.reported ?? (await reportedSuite(treeOf())),
    store: fileBaselineStore(directory),
    ancestry,
    seed: undefined,
    file: "squall.yml",
    onInconclusive: undefined,
    failOn: undefined,
    accept: async () => ({ acceptance: null, notes: [] }),
    ...given,
  });
  return judged.result;
};

const filesOf = (
  profile: Profile,
  more: Readonly<Record<string, unknown>> = {},
): ReadonlyMap<string, Buffer> =>
  new Map<string, Buffer>([
    ["samples.json.gz", encodeProfile(profile)],
    ...Object.entries(more).map(
      ([name, value]) =>
        [name, Buffer.from(typeof value === "string" ? value : JSON.stringify(value))] as const,
    ),
  ]);

const honest = async (
  more: { readonly hitErrors?: number } = {},
  reported?: ReportedSuite,
): Promise<Profile> =>
  madeUpProfile({ ...(reported ?? (await reportedSuite(treeOf()))), commit: HEAD, ...more });

const storeBaseline = async (): Promise<void> => {
  const reported = await reportedSuite(treeOf());
  for (const noise of [2, 3, 4]) {
    const startedAt = `2026-11-2${noise}T12:00:00.000Z`;
    await fileBaselineStore(directory).append(
      "tiny",
      madeUpProfile({ ...reported, commit: BASE, noise, startedAt }),
      8,
    );
  }
};

const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SquallError) return error;
  throw new Error(`it was taken: ${String(error)}`);
};

/** The claim of an honest run, as its result.json makes it. */
const claim = (more: { suite?: string; headSha?: string; repository?: string } = {}) => ({
  suite: more.suite ?? "tiny",
  gate: {
    change: { headSha: more.headSha ?? HEAD, repository: more.repository ?? change.repository },
  },
  verdict: { word: "pass", headline: "No less resilient", findings: [] },
});

describe("an honest artifact", () => {
  test("of a change that is as good passes", async () => {
    await storeBaseline();
    const result = await judgeFiles(filesOf(await honest(), { "result.json": claim() }));
    expect(result.verdict.word).toBe("pass");
    expect(result.gate).toMatchObject({
      change: { headSha: HEAD, pullRequest: 1 },
      choice: { commit: BASE, runs: 3, ancestor: "yes", distance: 0 },
      conclusion: { outcome: "success" },
    });
  });

  test("of a change that is worse is blocked, whatever verdict, report and comment lie beside the samples", async () => {
    await storeBaseline();
    const forged = { ...claim(), gate: { ...claim().gate, conclusion: { outcome: "success", exitCode: 0 } } };
    const files = filesOf(await honest({ hitErrors: 0.9 }), {
      "result.json": forged,
      "report.md": "x".repeat(50 << 20),
      "postmortem.md": "# Nothing failed",
      "comment.md": "<!-- squall --> all is well",
    });
    const result = await judgeFiles(files);
    expect(result.verdict.word).toBe("regressed");
    expect(result.gate?.conclusion).toMatchObject({ outcome: "failure", exitCode: 1 });
    expect(renderMarkdown(result, { maxBytes: 65_536 })).not.toContain("all is well");
  });

  test("with trials of remedies is diagnosed as where it was measured", async () => {
    await storeBaseline();
    const trials = [
      trial(null, { errors: 60, hitErrors: 30, late: 60 }),
      trial(RETRY),
      trial(HEDGE, { errors: 58, hitErrors: 30, late: 58 }),
    ];
    const result = await judgeFiles(filesOf({ ...(await honest({ hitErrors: 0.9 })), trials }));
    const [diagnosis] = result.diagnoses ?? [];
    expect(diagnosis).toMatchObject({ scenario: "llm-fails", best: { remedy: RETRY, outcome: "restored" } });
    expect(diagnosis?.tried.map(({ outcome }) => outcome)).toEqual(["restored", "no-effect"]);
    const worst = result.verdict.findings.find(({ severity }) => severity === "block");
    expect(worst?.detail.at(-1)).toMatch(
      /^One retry after 100 ms on llm would have restored it: errors.* 40 % -> 0 % \(tried in this run\)\.$/,
    );
    expect(parseResult(renderJson(result), { file: "result.json" })).toEqual(result);
  });

  test("gets no other verdict by trials, whoever wrote them", async () => {
    await storeBaseline();
    const bare = await honest({ hitErrors: 0.9 });
    const forged = [
      trial(null, { errors: 150, hitErrors: 30, late: 150 }),
      trial(RETRY),
      trial({ ...RETRY, on: "# @everyone" }, {}, { scenario: "control", phase: "calm" }),
      trial(CACHE, {}, { scenario: "no-such-scenario" }),
    ];
    const [plain, dressed] = [
      await judgeFiles(filesOf(bare)),
      await judgeFiles(filesOf({ ...bare, trials: forged })),
    ];
    const bareFindings = ({ verdict }: Result) => verdict.findings.map((each) => ({ ...each, detail: [] }));
    expect(dressed.verdict.word).toBe("regressed");
    expect(dressed.verdict.headline).toBe(plain.verdict.headline);
    expect(dressed.verdict.comparisons).toEqual(plain.verdict.comparisons);
    expect(bareFindings(dressed)).toEqual(bareFindings(plain));
    expect(dressed.gate?.conclusion).toEqual(plain.gate?.conclusion);
    expect(dressed.diagnoses?.map(({ scenario }) => scenario)).toEqual(["llm-fails"]);
    const passing = await judgeFiles(filesOf({ ...(await honest()), trials: forged }));
    expect(passing.verdict.word).toBe("pass");
    expect(passing.diagnoses).toBeUndefined();
  });

  test("without a baseline is compared with nothing, and says so", async () => {
    const result = await judgeFiles(filesOf(await honest()));
    expect(result.verdict.word).toBe("no-baseline");
    expect(result.gate?.choice).toBeNull();
  });

  test("is judged with the base's experiments and limits where the change loosens them", async () => {
    await storeBaseline();
    const loosened = treeOf({
      experiments: [FAILING_MODEL.replace("50%", "10%")],
      gate: "onInconclusive: pass",
    });
    const reported = await reportedSuite(treeOf(), loosened);
    expect(reported.suite.experiments).toMatchObject([{ name: "llm-fails", faults: [{ fraction: 0.5 }] }]);
    const own = await honest({ hitErrors: 0.9 }, reported);
    const result = await judgeFiles(filesOf(own), { reported });
    expect(result.verdict.word).toBe("regressed");
    expect(result.verdict.findings).toContainEqual(
      expect.objectContaining({ kind: "weakened-gate", scenario: "llm-fails" }),
    );
    // Measured by the change's own suite alone, it is no run of this gate.
    const alone = await reportedSuite(loosened);
    const error = await refusal(judgeFiles(filesOf(await honest({}, alone)), { reported }));
    expect(error.message).toContain("another suite or request set");
  });

  test("a budget that the workflow gives holds, a shorter one too, and loosens nothing", async () => {
    const longer = { ...treeOf(), "squall.yml": tinySuite().replace("budget: 10s", "budget: 30s") };
    const { suite, weakened } = await reportedSuite(longer, longer, 11_000);
    expect(suite.policy.budgetMs).toBe(11_000);
    expect(weakened).toEqual([]);
  });

  test("who accepts is asked where the merge may not go on, for weakened gates too where the workflow fails them", async () => {
    const asked = async (failOn: ReadonlySet<FailOn> | undefined): Promise<boolean> => {
      let isAsked = false;
      const accept = async () => {
        isAsked = true;
        return { acceptance: null, notes: [] };
      };
      const reported = await reportedSuite(treeOf());
      const weakened: Finding = {
        kind: "weakened-gate",
        severity: "warn",
        scenario: null,
        metric: null,
        edge: null,
        title: "t",
        detail: [],
      };
      await judgeFiles(filesOf(await honest()), {
        reported: { ...reported, weakened: [weakened] },
        failOn,
        accept,
      });
      return isAsked;
    };
    expect(await asked(undefined)).toBe(false);
    expect(await asked(new Set(["weakened"]))).toBe(true);
  });

  test("measured with a budget or seed that both workflows give is taken, and refused where only one does", async () => {
    const reported = await reportedSuite(treeOf(), treeOf(), 60_000);
    const longer = await honest({}, reported);
    expect((await judgeFiles(filesOf(longer), { reported })).verdict.word).toBe("no-baseline");
    const error = await refusal(judgeFiles(filesOf(longer)));
    expect(error.message).toMatch(/windows; \d+ were planned|not the one that was planned/);
    expect(error.remedy).toContain("budget");
    expect((await refusal(judgeFiles(filesOf(await honest()), { seed: 1 }))).message).toContain("not with 1");
  });

  test("of a closed loop holds as many requests as it came to, and no less", async () => {
    const closed = {
      ...treeOf(),
      "squall.yml": tinySuite().replace("rate: 40/s", "arrivals: closed, concurrency: 2"),
    };
    const reported = await reportedSuite(closed);
    const whole = await honest({}, reported);
    const came: Profile = {
      ...whole,
      windows: whole.windows.map((window) => ({ ...window, planned: 50 })),
      // Which slots a loop takes depends on how it went: those of a place that hung are passed over.
      observations: whole.observations.filter(({ slot }) => slot % 2 === 0 && slot < 100),
    };
    expect((await judgeFiles(filesOf(came), { reported })).verdict.word).toBe("no-baseline");
    const fewer = { ...came, observations: came.observations.slice(1) };
    const error = await refusal(judgeFiles(filesOf(fewer), { reported }));
    expect(error.message).toContain("window 0 (control) was planned with 50 requests and holds 49");
  });

  test("may have ended at a look, calm windows with the faults, where the suite lets it", async () => {
    const whole = await honest();
    const upTo = (round: number, calm = round): Profile => {
      const kept = whole.windows.map(
        ({ scenario, ...window }) => window.round <= (scenario === "control" ? calm : round),
      );
      const places = kept.map((_, index) => kept.slice(0, index).filter(Boolean).length);
      return {
        ...whole,
        windows: whole.windows.filter((_, index) => kept[index]),
        observations: whole.observations.flatMap((row) =>
          kept[row.window] === true ? [{ ...row, window: places[row.window] ?? -1 }] : [],
        ),
      };
    };
    const rounds = Math.max(...whole.windows.map(({ round }) => round)) + 1;
    const firstLook = Math.ceil(rounds / 3) - 1;
    expect((await judgeFiles(filesOf(upTo(firstLook)))).verdict.word).toBe("no-baseline");
    for (const cut of [upTo(firstLook, rounds), upTo(rounds, firstLook)])
      expect((await refusal(judgeFiles(filesOf(cut)))).message).toMatch(/windows|not the one/);
    const never = { ...treeOf(), "squall.yml": tinySuite({ gate: "earlyStop: false" }) };
    const reported = await reportedSuite(never);
    expect((await refusal(judgeFiles(filesOf(upTo(firstLook)), { reported }))).message).toMatch(/windows/);
  });

  test("may hold windows that were measured twice", async () => {
    const profile = await honest();
    const observations = profile.observations.map((row) =>
      row.window === 2 ? { ...row, repetition: row.repetition + 5_000_000 } : row,
    );
    expect((await judgeFiles(filesOf({ ...profile, observations }))).verdict.word).toBe("no-baseline");
  });
});

describe("samples that cannot be this run's are refused:", () => {
  const refused: readonly (readonly [string, (profile: Profile) => Profile, string])[] = [
    ["of another commit", (p) => ({ ...p, provenance: { ...p.provenance, commit: BASE } }), "of commit bbbb"],
    [
      "of a commit that is Markdown",
      (p) => ({ ...p, provenance: { ...p.provenance, commit: "\n# @everyone\u202e" } }),
      "of commit # @everyone",
    ],
    [
      "of no commit",
      (p) => ({ ...p, provenance: { startedAt: "", durationMs: 1, tool: "squall test" } }),
      "of commit (none)",
    ],
    ["of another suite", (p) => ({ ...p, suite: "other" }), "of suite other"],
    [
      "of a suite named in HTML",
      (p) => ({ ...p, suite: "<img src=x>\u0000\u202e" }),
      "of suite <img src=x>,",
    ],
    ["of another suite text", (p) => ({ ...p, suiteHash: "0" }), "another suite or request set"],
    ["of another frame", (p) => ({ ...p, frameHash: "" }), "another suite or request set"],
    ["of another seed", (p) => ({ ...p, seed: p.seed + 1 }), "with seed"],
    ["with a looser SLO", (p) => ({ ...p, sloMs: 1e9 }), "other deadlines or another SLO"],
    [
      "with longer deadlines",
      (p) => ({ ...p, deadlines: { ...p.deadlines, totalMs: 1e9 } }),
      "other deadlines or another SLO",
    ],
    [
      "without an experiment",
      (p) => ({ ...p, scenarios: p.scenarios.filter(({ name }) => name === "control") }),
      "llm-fails 0 times",
    ],
    ["with an experiment twice", (p) => ({ ...p, scenarios: [...p.scenarios, ...p.scenarios] }), "2 times"],
    [
      "with an experiment more",
      (p) => ({
        ...p,
        scenarios: [
          ...p.scenarios,
          { name: "x](http://e.vil)", shape: "control", scale: "additive", faults: [], description: "" },
        ],
      }),
      "3 scenarios; the suite has 2",
    ],
    [
      "with milder faults",
      (p) => ({
        ...p,
        scenarios: p.scenarios.map((each) => ({
          ...each,
          faults: each.faults.map((fault) => ({ ...fault, fraction: 0.01 })),
        })),
      }),
      "other faults",
    ],
    [
      "with a description that tells another story",
      (p) => ({ ...p, scenarios: p.scenarios.map((each) => ({ ...each, description: "all is well" })) }),
      "other faults",
    ],
    ["without windows", (p) => ({ ...p, windows: [], observations: [] }), "0 windows"],
    [
      "with a window less",
      (p) => ({
        ...p,
        windows: p.windows.slice(0, -1),
        observations: p.observations.filter(({ window }) => window < p.windows.length - 1),
      }),
      "were planned",
    ],
    [
      "with windows in another order",
      (p) => ({ ...p, windows: p.windows.toReversed() }),
      "not the one that was planned",
    ],
    [
      "with windows of nothing",
      (p) => ({ ...p, windows: p.windows.map((each) => ({ ...each, planned: 0 })), observations: [] }),
      "holds 0",
    ],
    [
      "with windows that do not count and hold nothing",
      (p) => ({
        ...p,
        windows: p.windows.map((each) => ({ ...each, invalid: "too busy" })),
        observations: [],
      }),
      "holds 0",
    ],
    [
      "with most rows left out",
      (p) => ({ ...p, observations: p.observations.filter((_, index) => index % 2 === 0) }),
      "not whole",
    ],
    [
      "with the failed rows left out",
      (p) => ({ ...p, observations: p.observations.filter(({ outcome }) => outcome === "ok") }),
      "not whole",
    ],
    [
      "with a guard over every row",
      (p) => ({ ...p, windows: p.windows.map((each) => ({ ...each, guardMs: 1e6 })) }),
      "not the one that was planned",
    ],
    [
      "with rows twice",
      (p) => ({ ...p, observations: p.observations.flatMap((row) => [row, row]) }),
      "twice",
    ],
    [
      "with rows said not to be struck",
      (p) => ({ ...p, observations: p.observations.map((row) => ({ ...row, hit: false })) }),
      "not planned",
    ],
    [
      "with requests that were not planned",
      (p) => ({ ...p, observations: p.observations.map((row) => ({ ...row, requestId: "q0" })) }),
      "not planned",
    ],
    [
      "with repetitions that were not planned",
      (p) => ({
        ...p,
        observations: p.observations.map((row) => ({ ...row, repetition: row.repetition + 1 })),
      }),
      "not planned",
    ],
    [
      "with slots that were not planned",
      (p) => ({ ...p, observations: p.observations.map((row) => ({ ...row, slot: row.slot + 1000 })) }),
      "not planned",
    ],
    [
      "with rows outside their window's time",
      (p) => ({ ...p, observations: p.observations.map((row) => ({ ...row, scheduledMs: -500 })) }),
      "at a time that was not planned",
    ],
    [
      "with rows of no window under load",
      (p) => ({
        ...p,
        observations: [
          ...p.observations,
          ...p.observations.slice(0, 1).map((row) => ({ ...row, window: -1 })),
        ],
      }),
      "outside of every window",
    ],
  ];
  test.each(refused)("%s", async (_, forge, why) => {
    await storeBaseline();
    const error = await refusal(judgeFiles(filesOf(forge(await honest({ hitErrors: 0.5 })))));
    expect(error.code).toBe("artifact-invalid");
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain(why);
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(error.remedy).toContain("again");
  });

  test.each([
    ["another repository", { repository: "acme/other" }, "of acme/other, not of acme/shop"],
    ["another commit", { headSha: BASE }, "of commit bbbb"],
    ["another suite", { suite: "# other" }, "of suite # other"],
  ])("said by their own result to be of %s", async (_, more, why) => {
    const error = await refusal(judgeFiles(filesOf(await honest(), { "result.json": claim(more) })));
    expect(error.code).toBe("artifact-invalid");
    expect(error.message).toContain(why);
  });

  test("none at all", async () => {
    const error = await refusal(judgeFiles(new Map([["result.json", Buffer.from(JSON.stringify(claim()))]])));
    expect(error.message).toContain("holds no samples.json.gz");
    expect(error.exitCode).toBe(3);
  });
});

describe("the suite of what is reported", () => {
  test("is the base's by name: it is known even where the change's cannot be used", async () => {
    const seen: string[] = [];
    const files = sources({ [BASE]: treeOf(), [MERGE]: { "squall.yml": "version: [" } });
    const question = { files, suitePath: "squall.yml", change, budgetMs: undefined };
    const error = await refusal(readReportedSuite(question, ({ name }) => void seen.push(name)));
    expect(seen).toEqual(["tiny"]);
    expect(error.code).toBe("suite-not-found");
    expect(error.message).toContain("of the pull request cannot be used");
  });

  test.each([
    ["absent", {}, treeOf(), "of the base branch cannot be used: it is not there"],
    ["without its requests", { "squall.yml": tinySuite() }, treeOf(), "request set, is missing"],
    ["gone from the change", treeOf(), {}, "of the pull request cannot be used: it is not there"],
  ])("%s is an error, never a pass", async (_, base, head, why) => {
    expect((await refusal(reportedSuite(base, head))).message).toContain(why);
  });

  test("cannot be renamed by what is reported", async () => {
    const renamed = { ...treeOf(), "squall.yml": tinySuite().replace("name: tiny", "name: other") };
    const error = await refusal(reportedSuite(treeOf(), renamed));
    expect(error.code).toBe("artifact-invalid");
    expect(error.message).toContain("tiny to other");
  });

  test("reads nothing but the suite and its requests, at the two commits", async () => {
    const read: string[] = [];
    const files: SourceFiles = {
      read: async (file, commit) => {
        read.push(`${commit.slice(0, 1)}:${file}`);
        return sources({ [BASE]: treeOf(), [MERGE]: treeOf({ experiments: [FAILING_MODEL, SLOW] }) }).read(
          file,
          commit,
        );
      },
    };
    const question = { files, suitePath: "squall.yml", change, budgetMs: undefined };
    await readReportedSuite(question, () => undefined);
    expect(read).toEqual(["b:squall.yml", "b:requests.jsonl", "c:squall.yml", "c:requests.jsonl"]);
  });
});
