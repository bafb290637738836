/** Trials of remedies in a run: in which order, what they leave behind, and where they end. */
import { describe, expect, test } from "vitest";
import type { Candidate } from "../../src/core/diagnosis/candidates.ts";
import { diagnose, NOT_TRIED } from "../../src/core/diagnosis/outcome.ts";
import type { DiagnosisTask } from "../../src/core/diagnosis/task.ts";
import { SquallError } from "../../src/core/errors.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Remedy, RemedyKind } from "../../src/core/remedy/remedy.ts";
import { runSuite } from "../../src/run/run-suite.ts";
import { memoryOptions, memorySuite } from "../support/run/run-in-memory.ts";
import { type Behaviour, type Script, World } from "../support/run/world.ts";
import { experiment, httpError } from "../support/suites.ts";
import { CACHE, errorSubject, HEDGE, REPLICA, RETRY } from "../support/trials.ts";

const PARTIAL = experiment("llm-fails", httpError("llm", 0.2));

const tasksOf =
  (...remedies: readonly (Remedy | Candidate)[]): (() => readonly DiagnosisTask[]) =>
  () => [
    {
      subject: errorSubject(),
      candidates: remedies.map((each) => ("remedy" in each ? each : { remedy: each })),
    },
  ];

interface Tried {
  readonly world: World;
  readonly profile: Promise<Profile>;
}

/** A run whose struck requests fail, unless one of these remedies is in force. */
const tried = (
  restoring: readonly RemedyKind[],
  diagnoseTasks: () => readonly DiagnosisTask[],
  script: Script = {},
  diagnosisMs = 600_000,
  experiments = [PARTIAL],
): Tried => {
  const base = memorySuite(experiments);
  const suite = { ...base, policy: { ...base.policy, diagnosisMs } };
  const failing = (hit: boolean): Behaviour =>
    hit && !restoring.some((kind) => kind === world.remedy?.kind) ? { outcome: "status" } : {};
  const world: World = new World(suite, { answer: ({ hit }) => failing(hit), ...script });
  const profile = runSuite({ ...memoryOptions(suite, world), diagnose: diagnoseTasks });
  profile.catch(() => undefined);
  return { world, profile };
};

const order = ({ trials = [] }: Profile): string[] =>
  trials.map(({ remedy, invalid }) => `${remedy?.kind ?? "none"}${invalid === undefined ? "" : " -"}`);

const reasons = ({ trials = [] }: Profile): string[] =>
  trials.flatMap(({ invalid }) => invalid ?? []).map((why) => why.replace(NOT_TRIED, ""));

describe("trials of remedies", () => {
  test("stand between windows without any, and what restored it does so twice before the rest is left", async () => {
    const { profile } = tried(["hedge"], tasksOf(RETRY, CACHE, HEDGE, REPLICA));
    const done = await profile;
    expect(order(done)).toEqual(["none", "retry", "cache", "none", "hedge", "none", "hedge", "replica -"]);
    expect(reasons(done)).toEqual(["not here"]);
    const found = diagnose(errorSubject(), done.trials ?? []);
    expect(found.tried.map(({ outcome }) => outcome)).toEqual([
      "no-effect",
      "no-effect",
      "restored",
      "not-tried",
    ]);
    expect(found.best?.remedy).toEqual(HEDGE);
    const { figures } = done.trials?.[0] ?? {};
    expect(figures?.hits).toBe(Math.round(0.2 * (figures?.requests ?? 0)));
    expect(figures?.hitErrors).toBe(figures?.hits);
    expect(figures?.calls).toEqual([{ edge: "llm", calls: figures?.requests }]);
  });

  test("end with a window without any, where none restored it", async () => {
    expect(order(await tried([], tasksOf(RETRY)).profile)).toEqual(["none", "retry", "none"]);
    expect(order(await tried([], tasksOf(RETRY, CACHE, HEDGE)).profile)).toEqual([
      "none",
      "retry",
      "cache",
      "none",
      "hedge",
      "none",
    ]);
  });

  test("put one remedy in force at a time, and take each away again", async () => {
    const { world, profile } = tried([], tasksOf(RETRY, HEDGE));
    await profile;
    expect(world.events.filter((event) => event.startsWith("remedies"))).toEqual([
      "remedies retry",
      "remedies",
      "remedies hedge",
      "remedies",
    ]);
    expect(world.remedy).toBeNull();
  });

  test("come after all that was planned, and are in nothing that a verdict rests on", async () => {
    const measured = async (tasks: () => readonly DiagnosisTask[]): Promise<Tried["world"]> => {
      const run = tried(["retry"], tasks);
      await run.profile;
      return run.world;
    };
    const died = { name: "service", exitCode: 1, signal: null, injected: false };
    const { world, profile } = tried(["retry"], tasksOf(RETRY), {
      hold: async ({ window }) => {
        if (window === 2_000_000) world.exits.push({ ...died, atMs: world.endedAtMs() });
      },
    });
    const { windows, observations, deaths, recoveries, trials = [] } = await profile;
    expect(trials.length).toBeGreaterThan(0);
    expect(world.exits.length).toBeGreaterThan(0);
    expect(deaths).toEqual([]);
    expect(recoveries).toEqual([]);
    const without = await tried(["retry"], () => []).profile;
    expect(windows.map(({ scenario, round, phase }) => [scenario, round, phase])).toEqual(
      without.windows.map(({ scenario, round, phase }) => [scenario, round, phase]),
    );
    expect(observations.length).toBe(without.observations.length);
    expect(without.trials).toBeUndefined();
    const asked = (await measured(tasksOf(RETRY))).windows.flatMap(({ requests }) =>
      requests.map(({ requestId, repetition }) => `${requestId}~${repetition}`),
    );
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("cost nothing where there is nothing to try", async () => {
    const { world, profile } = tried([], () => []);
    expect((await profile).trials).toBeUndefined();
    expect(world.windows.some(({ window }) => window === 2_000_000)).toBe(false);
  });

  test("are of the head alone, judged by what was measured of it", async () => {
    const seen: number[] = [];
    await tried([], () => {
      seen.push(1);
      return [];
    }).profile;
    expect(seen).toEqual([1]);
  });
});

describe("a remedy that cannot be tried", () => {
  test("for lack of what it needs is listed with the reason, and takes no time", async () => {
    const refused: Candidate = { remedy: HEDGE, refused: "vector speaks TCP" };
    const { profile } = tried(
      ["retry"],
      tasksOf(RETRY, refused, { on: "service", kind: "more-cpu", times: 2 }),
      {
        canRelieve: () => ({ ok: false, reason: "no limit to lift" }),
      },
    );
    const done = await profile;
    expect(reasons(done)).toEqual(["vector speaks TCP", "no limit to lift"]);
    expect(
      done.trials?.filter(({ invalid }) => invalid !== undefined).map(({ durationMs }) => durationMs),
    ).toEqual([0, 0]);
  });

  test("because setting it fails fails no run, and the next one is tried", async () => {
    const { profile } = tried(["hedge"], tasksOf(RETRY, HEDGE), {
      remedyError: ([remedy]) =>
        remedy?.kind === "retry" ? new SquallError("sidecar-failed", "The sidecar knows no retry.") : null,
    });
    const done = await profile;
    expect(reasons(done)[0]).toBe("it could not be put in force: The sidecar knows no retry.");
    expect(diagnose(errorSubject(), done.trials ?? []).best?.remedy).toEqual(HEDGE);
    expect(done.notes.some((note) => note.startsWith("Trials"))).toBe(false);
  });

  test("because the time is over says so, and nothing begins that would not end in time", async () => {
    const { profile } = tried([], tasksOf(RETRY, CACHE, HEDGE), {}, 22_000);
    const done = await profile;
    const spentMs = (done.trials ?? []).reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(spentMs).toBeLessThanOrEqual(22_000);
    expect(order(done).slice(0, 3)).toEqual(["none", "retry", "cache"]);
    expect(reasons(done)).toEqual(["the time for trials (gate.diagnosis) was over"]);
  });

  test("because there is no time at all", async () => {
    expect(reasons(await tried([], tasksOf(RETRY, HEDGE), {}, 1000).profile)).toHaveLength(2);
  });
});

describe("trials end", () => {
  test("where the fault does no harm any more", async () => {
    const { profile } = tried(["retry"], tasksOf(RETRY), { answer: () => ({}) });
    const done = await profile;
    expect(order(done)).toEqual(["none", "none", "retry -"]);
    expect(reasons(done)).toEqual(["the fault did no harm any more without a remedy"]);
  });

  test("with a note where a remedy cannot be taken away, and lose nothing that was measured", async () => {
    const { profile } = tried([], tasksOf(RETRY, HEDGE), {
      remedyError: (remedies) =>
        remedies.length === 0 ? new SquallError("sidecar-failed", "The sidecar is gone.") : null,
    });
    const { notes, observations, trials = [] } = await profile;
    expect(notes.at(-1)).toBe("Trials of remedies ended early: The sidecar is gone.");
    expect(observations.length).toBeGreaterThan(0);
    expect(trials.map(({ remedy }) => remedy?.kind ?? "none")).toEqual(["none", "retry", "hedge"]);
  });

  test("where the service does not come to rest, once a restart did not help either", async () => {
    let broken = false;
    const { world, profile } = tried([], tasksOf(RETRY, HEDGE), {
      canRelieve: () => ({ ok: true }),
      answer: (_, { window }) => {
        if (window === 2_000_000) broken = true;
        return broken ? { outcome: "status" } : {};
      },
    });
    const { notes, trials = [] } = await profile;
    expect(world.events).toContain("relieve restart");
    expect(notes.at(-1)).toBe("Trials of remedies ended early: the service did not come to rest afterwards.");
    expect(trials.map(({ remedy }) => remedy?.kind ?? "none")).toEqual(["none", "retry", "hedge"]);
  });

  test("not where a restart brings it back", async () => {
    let broken = false;
    const { world, profile } = tried([], tasksOf(RETRY), {
      canRelieve: () => ({ ok: true }),
      answer: (_, { window }) => {
        if (window === 2_000_000 && world.remedy === null) broken = true;
        if (world.events.at(-1) === "relieved no more") broken = false;
        return broken ? { outcome: "status" } : {};
      },
    });
    expect(order(await profile)).toEqual(["none", "retry", "none", "retry"]);
  });

  test("at once where the run is interrupted", async () => {
    const { profile } = tried([], tasksOf(RETRY), {
      remedyError: () => new SquallError("interrupted", "Interrupted."),
    });
    await expect(profile).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("a window under a remedy", () => {
  test("counts where calls never reached the fault, because the remedy answered them", async () => {
    const struck = (): boolean => world.remedy === null;
    const run = tried(["cache"], tasksOf(CACHE), { strikes: () => struck() });
    const { world } = run;
    expect(order(await run.profile)).toEqual(["none", "cache", "none", "cache"]);
  });

  test("does not where the fault struck nothing and the remedy did nothing", async () => {
    const struck = (): boolean => world.remedy === null;
    const run = tried(["cache"], tasksOf(CACHE), { strikes: () => struck(), acted: () => 0 });
    const { world } = run;
    const done = await run.profile;
    expect(order(done)).toContain("cache -");
  });

  test("of a cache begins when every request was asked once", async () => {
    const { world, profile } = tried([], tasksOf(CACHE));
    await profile;
    const first = world.windows.findIndex(({ window }) => window === 2_000_000);
    const cached = world.windows.findIndex(({ window }, place) => place > first && window === 2_000_000);
    const before = world.windows[cached - 1];
    expect(new Set(before?.requests.map(({ requestId }) => requestId)).size).toBe(12);
  });

  test("of a kill measures how long the service was gone", async () => {
    const killed = experiment("llm-fails", {
      kind: "kill",
      on: "service",
      fraction: 1,
      attempts: "all",
      signal: "SIGKILL",
      restartAfterMs: 100,
    });
    const subject = errorSubject({
      aim: { metric: "recovery", steady: 300, margin: 500 },
      guards: [],
      censorMs: 15_000,
    });
    const { world, profile } = tried(
      [],
      () => [{ subject, candidates: [{ remedy: REPLICA }] }],
      {
        canRelieve: () => ({ ok: true }),
        answer: ({ atMs }, { window }) =>
          window === 2_000_000 && world.remedy === null && atMs >= 1000 && atMs < 4000
            ? { outcome: "refused", latencyMs: 1 }
            : {},
      },
      600_000,
      [killed],
    );
    const { trials = [], recoveries } = await profile;
    expect(trials.map(({ figures }) => (figures.recoveryMs ?? 0) > 2500)).toEqual([true, false, true, false]);
    expect(diagnose(subject, trials).best?.remedy).toEqual(REPLICA);
    // Those of the plan alone.
    expect(recoveries.every(({ recoveryMs }) => (recoveryMs ?? 0) < 2500)).toBe(true);
  });
});
