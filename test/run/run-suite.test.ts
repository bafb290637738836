import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { SquallError } from "../../src/core/errors.ts";
import type { Fault } from "../../src/core/fault.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Plan, PlannedWindow } from "../../src/run/plan/plan.ts";
import { LOOKS } from "../../src/run/plan/timetable.ts";
import type { LoadWindow } from "../../src/run/ports.ts";
import { measuredFrameHash, measuredHash } from "../../src/run/run-suite.ts";
import { memorySuite, planOf, runInMemory } from "../support/run/run-in-memory.ts";
import { until } from "../support/services/living.ts";
import { experiment, httpError } from "../support/suites.ts";

const PARTIAL = experiment("partial", httpError("llm", 0.2));
const DOWN = experiment("down", httpError("llm", 1));
const KILL: Fault = {
  kind: "kill",
  on: "service",
  fraction: 1,
  attempts: 1,
  signal: "SIGKILL",
  restartAfterMs: 500,
};
const HANG_UP: Fault = { kind: "client-abort", on: "client", fraction: 0.5, attempts: 1, afterEvents: 2 };

const windowOf = (plan: Plan, scenario: string, round = 0): PlannedWindow => {
  const found = plan.windows.find((each) => each.scenario === scenario && each.round === round);
  if (found === undefined) throw new Error(`the plan has no ${scenario} in round ${round}`);
  return found;
};
/** Is the request of this slot in the planned window? Only where its stretch is replayed whole. */
const isIn = (planned: PlannedWindow, window: LoadWindow, slot: number): boolean =>
  window.window <= planned.index && slot >= planned.firstSlot && slot < planned.endSlot;

const loadWindows = ({ windows }: Profile) => windows.filter(({ phase }) => phase === "load");
const rowsOf = ({ observations }: Profile, window: number) =>
  observations.filter((each) => each.window === window);

describe("a run", () => {
  test("is known by its suite and request set, and by its frame: all but the experiments", async () => {
    const suite = memorySuite([PARTIAL]);
    const requestSet = { requests: [], hash: "1".repeat(64) };
    const { suiteHash, frameHash } = await runInMemory(suite).profile;
    expect(suiteHash).toBe(measuredHash(suite, requestSet));
    expect(frameHash).toBe(measuredFrameHash(suite, requestSet));
    const other = { ...suite, hash: "2".repeat(64) };
    expect(measuredHash(other, requestSet)).not.toBe(suiteHash);
    expect(measuredFrameHash(other, requestSet)).toBe(frameHash);
    const more = { ...requestSet, hash: "3".repeat(64) };
    expect(measuredFrameHash(suite, more)).not.toBe(frameHash);
  });

  test("injects, replays and clears stretch by stretch, and ends all it started", async () => {
    const suite = memorySuite([PARTIAL, DOWN]);
    const { world, profile } = runInMemory(suite);
    const { windows, scenarios, observations } = await profile;
    expect(world.events).toEqual([
      "system started",
      "load started",
      "learn",
      "learnt",
      ...Array.from({ length: LOOKS }, () => ["inject partial#1", "clear"]).flat(),
      "inject down#1",
      "clear",
      "inject down#1",
      "clear",
      "load ended",
      "system ended",
    ]);
    expect(scenarios.map(({ name }) => name)).toEqual(["control", "partial", "down"]);
    const plan = planOf(suite);
    expect(windows.slice(0, plan.windows.length).map(({ scenario }) => scenario)).toEqual(
      plan.windows.map(({ scenario }) => scenario),
    );
    expect(observations).toHaveLength(plan.stretches.flatMap(({ requests }) => requests).length);
    expect(windows.filter(({ invalid }) => invalid !== undefined)).toEqual([]);
  });

  test("that meets a fault nobody can do starts nothing, unless that experiment is not asked for", async () => {
    const suite = memorySuite([PARTIAL, experiment("killed", KILL)]);
    const script = { cannot: "kill" } as const;
    const whole = runInMemory(suite, script);
    await expect(whole.profile).rejects.toMatchObject({ code: "fault-unsupported", exitCode: 2 });
    expect(whole.world.events).toEqual([]);
    await expect(runInMemory(suite, script, ["partial"]).profile).resolves.toMatchObject({ suite: "test" });
  });
});

describe("calm traffic that fails", () => {
  test("ends the run before anything is injected", async () => {
    const { world, profile } = runInMemory(memorySuite([PARTIAL]), { calmOutcome: "status" });
    await expect(profile).rejects.toMatchObject({ code: "service-unhealthy", exitCode: 3 });
    expect(world.placed).toEqual([]);
    expect(world.events.slice(-2)).toEqual(["load ended", "system ended"]);
  });
});

describe("a window that does not count", () => {
  const suite = memorySuite([PARTIAL]);
  const plan = planOf(suite);
  const spoilt = windowOf(plan, "partial");

  test("is repeated once, under new keys, and its second try replaces the first", async () => {
    let spoil = true;
    const { world, profile } = runInMemory(suite, {
      answer: ({ slot }, window) => {
        const late = spoil && window.window >= 0 && isIn(spoilt, window, slot);
        return late ? { lagMs: 50 } : {};
      },
      hold: (window) => {
        if (window.window >= 0) spoil = false;
        return Promise.resolve();
      },
    });
    const measured = await profile;
    const replays = world.windows.filter(({ window }) => window >= 0);
    expect(replays).toHaveLength(plan.stretches.length + 1);
    expect(replays[1]?.requests).toHaveLength(spoilt.endSlot - spoilt.firstSlot);
    const record = measured.windows[spoilt.index];
    expect(record?.invalid).toBeUndefined();
    expect(record).toMatchObject({ scenario: "partial", round: 0, lagP99Ms: 0 });
    const rows = rowsOf(measured, spoilt.index);
    expect(rows).toHaveLength(spoilt.endSlot - spoilt.firstSlot);
    expect(rows.map(({ slot }) => slot)).toEqual(rows.map((_, place) => place));
    expect(rows.every(({ repetition }) => repetition >= 5_000_000)).toBe(true);
    // The second try's hits are struck too: the keys of its marks are the new ones.
    expect(record?.receipts[0]?.affected).toBe(rows.filter(({ hit }) => hit).length);
  });

  test("is repeated no more than once, and then stays invalid", async () => {
    const { world, profile } = runInMemory(suite, {
      answer: ({ slot }, window, run) => {
        const again = run === 2;
        return window.window >= 0 && (again || isIn(spoilt, window, slot)) ? { outcome: "unsent" } : {};
      },
    });
    const measured = await profile;
    expect(world.windows.filter(({ window }) => window >= 0)).toHaveLength(plan.stretches.length + 1);
    expect(measured.windows[spoilt.index]?.invalid).toMatch(/^only 0 % of the planned requests/);
    expect(loadWindows(measured).filter(({ invalid }) => invalid !== undefined)).toHaveLength(1);
  });
});

describe("a kill", () => {
  const suite = memorySuite([experiment("killed", KILL)]);

  test("leaves a recovery: the first good answer, within the SLO, to a request sent after it", async () => {
    const { profile, world } = runInMemory(suite, {
      // Down from the kill at 1 s to 2.2 s; then too late to be good, until 3 s.
      answer: ({ atMs }, { window }) => {
        if (window < 0 || planOf(suite).windows[window]?.shape !== "kill" || atMs < 1000) return {};
        if (atMs < 2200) return { outcome: "refused", latencyMs: 1 };
        return atMs < 3000 ? { latencyMs: 2500 } : { latencyMs: 30 };
      },
    });
    const beganMs = performance.now();
    const { recoveries, windows } = await profile;
    const kills = windows.filter(({ scenario, phase }) => scenario === "killed" && phase === "load");
    expect(kills.length).toBeGreaterThanOrEqual(3);
    // Each kill waits for its second, though this generator is done at once.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(990 * kills.length);
    expect(recoveries.map(({ round }) => round)).toEqual(kills.map(({ round }) => round));
    for (const { recoveryMs, signal } of recoveries) {
      expect(signal).toBe("SIGKILL");
      expect(recoveryMs).toBeGreaterThanOrEqual(2030);
      expect(recoveryMs).toBeLessThan(2090);
    }
    expect(world.events).not.toContain("probe");
  });

  test("from which no request of the window saw recovery is watched by probes", async () => {
    let probes = 0;
    const { profile } = runInMemory(suite, {
      answer: ({ atMs }, { window }) =>
        window >= 0 && planOf(suite).windows[window]?.shape === "kill" && atMs >= 1000
          ? { outcome: "reset" }
          : {},
      probe: (startedAtMs) => (++probes === 1 ? startedAtMs + 9000 : null),
    });
    const { recoveries } = await profile;
    expect(recoveries[0]?.recoveryMs).toBe(8000);
    expect(recoveries.slice(1).every(({ recoveryMs }) => recoveryMs === null)).toBe(true);
    expect(recoveries[1]?.watchedMs).toBeGreaterThan(15_000);
  });
});

describe("after an outage", () => {
  const suite = memorySuite([DOWN]);

  test("calm seconds run until one is clean, after each", async () => {
    let extra = 0;
    const { profile, world } = runInMemory(suite, {
      // The first second is the warm-up; of the outage's, two are not clean.
      answer: (request, { window }) => {
        if (window >= 0) return {};
        if (request.slot === 0) extra += 1;
        return extra === 2 || extra === 3 ? { outcome: "status" } : {};
      },
    });
    const { windows } = await profile;
    const settles = windows.filter(({ phase }) => phase === "settle");
    expect(settles.map(({ scenario, round }) => [scenario, round])).toEqual([
      ["down", 0],
      ["down", 1],
    ]);
    expect(settles.every(({ invalid }) => invalid === undefined)).toBe(true);
    expect(world.windows.filter(({ window }) => window === -1)).toHaveLength(1 + 3 + 1);
  });

  test("a service that does not come to rest is told by its settling window", async () => {
    let warm = false;
    const { profile } = runInMemory(suite, {
      answer: (_request, { window }) => (window < 0 && warm ? { outcome: "status" } : {}),
      hold: () => {
        warm = true;
        return Promise.resolve();
      },
    });
    const { windows } = await profile;
    const settles = windows.filter(({ phase }) => phase === "settle");
    expect(settles.map(({ invalid }) => invalid)).toEqual(Array(2).fill("did not come to rest in 10 s"));
  });
});

describe("clients that hang up", () => {
  const suite = memorySuite([experiment("gone", HANG_UP)]);
  const hangsUp = (request: { abortAfterEvents?: number }, { window }: LoadWindow) =>
    window >= 0 && request.abortAfterEvents !== undefined ? { outcome: "client-abort" as const } : {};

  test("are counted, and their dependency calls watched until none is open", async () => {
    const { profile } = runInMemory(suite, { answer: hangsUp, open: [{ llm: 3 }, { llm: 2 }, { llm: 0 }] });
    const { aborts, windows, observations } = await profile;
    expect(aborts.map(({ window }) => windows[window]?.scenario)).toEqual(["gone", "gone"]);
    for (const { window, aborted } of aborts) {
      const rows = observations.filter((row) => row.window === window);
      expect(aborted).toBe(rows.filter(({ outcome }) => outcome === "client-abort").length);
      expect(aborted).toBeGreaterThan(10);
    }
    expect(aborts[1]).toMatchObject({ openAfter1s: 0 });
    expect(aborts.every(({ drainedMs }) => drainedMs !== null)).toBe(true);
  });

  test("and never could, make the window one without effect, which is not repeated", async () => {
    const { profile, world } = runInMemory(suite);
    const { aborts, windows } = await profile;
    expect(aborts).toEqual([]);
    const gone = windows.filter(({ scenario, phase }) => scenario === "gone" && phase === "load");
    expect(gone).toHaveLength(2);
    for (const { invalid } of gone)
      expect(invalid).toMatch(/^fault without effect: none of \d+ clients hung up/);
    const replays = world.windows.filter(({ window }) => window >= 0).map(({ window }) => window);
    expect(new Set(replays).size).toBe(replays.length);
  });
});

describe("an edge whose calls cannot be attributed", () => {
  test("is struck by pattern, window by window, and the profile says so", async () => {
    const { world, profile } = runInMemory(memorySuite([PARTIAL]), { attributed: false });
    const { notes, windows } = await profile;
    expect(new Set(world.placed.map(({ marks }) => marks.type))).toEqual(new Set(["pattern"]));
    expect(world.placed.length).toBeGreaterThanOrEqual(3);
    expect(notes.join("\n")).toContain("Calls to llm could not be attributed");
    const struck = windows.filter(({ scenario }) => scenario === "partial");
    for (const { receipts, planned } of struck) {
      expect(receipts[0]?.seen).toBe(planned);
      expect(Math.abs((receipts[0]?.affected ?? 0) - planned / 5)).toBeLessThanOrEqual(2);
    }
  });
});

describe("deaths", () => {
  test("belong to the window under way, a first try too, and injected ones are marked", async () => {
    const suite = memorySuite([PARTIAL]);
    const plan = planOf(suite);
    const [dies, spoilt] = [windowOf(plan, "partial"), windowOf(plan, "control")];
    const run = runInMemory(suite, {
      answer: ({ slot }, window, number) => (number === 1 && isIn(spoilt, window, slot) ? { lagMs: 60 } : {}),
      hold: (window) => {
        const { world } = run;
        const exit = { name: "service", exitCode: 9, signal: null, injected: false };
        if (window.window >= 0 && world.exits.length === 0) {
          world.exits.push({ ...exit, atMs: world.startedAtMs + dies.offsetMs + 100 });
          world.exits.push({ ...exit, atMs: world.startedAtMs + spoilt.offsetMs + 100, injected: true });
        } else if (window.window >= 0 && world.exits.length === 2) {
          // The spoilt window's second try, after all of its stretch.
          world.exits.push({ ...exit, name: "llm", atMs: world.startedAtMs + 100 });
        }
        return Promise.resolve();
      },
    });
    const { deaths } = await run.profile;
    expect(deaths.map(({ name, window, injected }) => [name, window, injected])).toEqual([
      ["service", dies.index, false],
      ["service", spoilt.index, true],
      ["llm", spoilt.index, false],
    ]);
  });
});

describe("a fault that cannot be taken away", () => {
  test("stops the run at once, and everything is ended", async () => {
    let cleared = 0;
    const { world, profile } = runInMemory(memorySuite([DOWN, PARTIAL]), {
      clearError: () => (++cleared === 2 ? new SquallError("fault-not-cleared", "still there") : null),
    });
    await expect(profile).rejects.toMatchObject({ code: "fault-not-cleared", exitCode: 3 });
    expect(world.events.slice(-3)).toEqual(["clear failed", "load ended", "system ended"]);
    expect(world.events.filter((event) => event.startsWith("inject"))).toHaveLength(2);
  });
});

describe("health and ready paths", () => {
  test("of every replica are looked at in the windows under load", async () => {
    let looks = 0;
    const replica = async (status: number) => {
      const server = createServer((_request, response) => {
        looks += 1;
        response.writeHead(status).end();
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    };
    const servers = await Promise.all([replica(200), replica(503)]);
    try {
      const base = memorySuite([PARTIAL]);
      const suite = { ...base, service: { ...base.service, healthPath: "/healthz", readyPath: "/readyz" } };
      const { profile } = runInMemory(suite, {
        serviceUrls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
        // The window lasts until each replica was asked four times, and a second, for the processes.
        hold: ({ window }) => (window < 0 ? Promise.resolve() : until("looks", () => looks >= 16)),
      });
      const { health, windows, processes } = await profile;
      expect(health.length).toBeGreaterThanOrEqual(8);
      for (const { window, atMs } of health) {
        const { startMs = Number.NaN, durationMs = Number.NaN } = windows[window] ?? {};
        expect(atMs).toBeGreaterThanOrEqual(startMs);
        expect(atMs).toBeLessThan(startMs + durationMs);
      }
      const moments = Map.groupBy(health, ({ atMs, path }) => `${path} ${atMs}`);
      for (const moment of moments.values())
        expect(moment.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 503]);
      expect(processes.every((sample) => sample.receivedBytesPerSecond === 7)).toBe(true);
    } finally {
      for (const server of servers) server.close();
    }
  });
});

describe("a run of one experiment of the suite", () => {
  const suite = memorySuite([experiment("other", httpError("llm", 0.5)), PARTIAL, DOWN]);
  const judged = (head: Profile, base: Profile) =>
    judge({
      head,
      baseline: { schemaVersion: 1, suite: suite.name, profiles: [base] },
      policy: suite.policy,
      experiments: suite.experiments,
    });

  test.each(["partial", "down"])(
    "measures %s and calm traffic as the whole run does, hit for hit",
    async (name) => {
      const whole = await runInMemory(suite).profile;
      const part = await runInMemory(suite, {}, [name]).profile;
      expect(part.scenarios.map((each) => each.name)).toEqual(["control", name]);
      expect(part.scheduleHash).toBe(whole.scheduleHash);
      const rows = (profile: Profile, scenario: string) =>
        profile.observations
          .filter(({ window }) => profile.windows[window]?.scenario === scenario)
          .map((row) => [
            profile.windows[row.window]?.round,
            row.slot,
            row.requestId,
            row.repetition,
            row.hit,
          ]);
      for (const scenario of ["control", name]) {
        expect(rows(part, scenario).length).toBeGreaterThan(80);
        expect(rows(part, scenario)).toEqual(rows(whole, scenario));
      }
      const struck = (profile: Profile) =>
        profile.windows.filter(({ scenario }) => scenario === name).flatMap(({ receipts }) => receipts);
      expect(struck(part)).toEqual(struck(whole));
    },
  );

  test("is judged request by request against the whole one, and misses nothing", async () => {
    const whole = await runInMemory(suite).profile;
    const failing = await runInMemory(
      suite,
      { answer: ({ hit }, { window }) => (hit && window >= 0 ? { outcome: "status" } : {}) },
      ["partial"],
    ).profile;
    const verdict = judged(failing, whole);
    const errors = verdict.comparisons.find(
      ({ scenario, metric }) => scenario === "partial" && metric === "hit-error-rate",
    );
    const hits = failing.observations.filter(({ hit }) => hit);
    expect(errors).toMatchObject({ method: "twin", n: hits.length, label: "regressed" });
    expect(verdict.worstScenario).toBe("partial");
    expect(verdict.findings.filter(({ kind }) => kind === "missing-scenario")).toEqual([]);
    expect(new Set(verdict.comparisons.map(({ scenario }) => scenario))).not.toContain("down");
  });

  test("of another seed is told that the others were not asked for", async () => {
    const base = await runInMemory(suite).profile;
    const whole = { ...base, scheduleHash: "another" };
    const part = await runInMemory(suite, {}, ["down"]).profile;
    const missing = (notAsked: readonly string[]) =>
      judge({
        head: part,
        baseline: { schemaVersion: 1, suite: suite.name, profiles: [whole] },
        policy: suite.policy,
        experiments: suite.experiments,
        notAsked,
      })
        .findings.filter(({ kind }) => kind === "missing-scenario")
        .map(({ scenario }) => scenario);
    expect(missing(["other", "partial"])).toEqual([]);
    expect(missing([])).toEqual(["other", "partial"]);
  });
});
