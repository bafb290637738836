import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Profile } from "../../../../src/core/profile.ts";
import type { PageInput, Section } from "../../../../src/core/report/page/input.ts";
import { renderPage } from "../../../../src/core/report/page/page.ts";
import { jobsSection } from "../../../../src/core/report/page/sections/jobs.ts";
import { recoverySection } from "../../../../src/core/report/page/sections/recovery.ts";
import { timelineSection } from "../../../../src/core/report/page/sections/timeline.ts";
import type { Result } from "../../../../src/core/verdict.ts";
import { jobProfile } from "../../../support/job-runs.ts";
import { syntheticProfile } from "../../../support/synthetic-profile.ts";
import { JOB_RESULTS } from "../job-results.ts";
import { resultFor, WORDS } from "../results.ts";
import { load, profileWith, request, scenario } from "./profiles.ts";

const OURS = { timeline: timelineSection, recovery: recoverySection, jobs: jobsSection } as const;

const service = syntheticProfile({ scheduleSeed: 1, runSeed: 2 });
const results: readonly (readonly [string, () => Result])[] = [
  ...WORDS.map((word) => [word, () => resultFor(word)] as const),
  ...Object.entries(JOB_RESULTS),
];

const shown = (input: PageInput): readonly string[] =>
  Object.entries(OURS).flatMap(([id, make]) => (make(input) === null ? [] : [id]));

const made = (input: PageInput): readonly Section[] =>
  Object.values(OURS).flatMap((make) => make(input) ?? []);

/** Elements that names made, characters that turn text around, numbers that are none. */
const brokenIn = ({ body }: Section): readonly string[] => {
  const { document } = parseHTML(`<!doctype html><html><body>${body.text}</body></html>`);
  const elements: Iterable<{ outerHTML: string }> = document.querySelectorAll("script,b");
  // The bell and the override of direction: MARKUP has both.
  const odd = ["\u202e", "\u0007", "NaN", "Infinity"].filter((each) => body.text.includes(each));
  return [...[...elements].map(({ outerHTML }) => outerHTML), ...odd];
};

const isSmall = ({ body }: Section): boolean => new TextEncoder().encode(body.text).length < 120_000;

const textOf = (section: ReturnType<typeof timelineSection>): string =>
  (section?.body.text ?? "").replace(/<[^>]*>/g, " ");

describe("a page's charts over time", () => {
  it.each(results)("are left out of %s where its samples are not at hand", (_, result) => {
    const input = { result: result(), head: null, baselines: [] };
    expect(shown(input)).toEqual([]);
    expect(renderPage(input)).not.toContain("<figure");
  });

  it.each(results)("are drawn of %s where they are", (_, resultOf) => {
    const result = resultOf();
    const head = result.jobs === undefined ? service : jobProfile({ seed: 9 });
    const input = { result, head, baselines: [head] };
    expect(shown(input)).toEqual(result.jobs === undefined ? ["timeline", "recovery"] : ["jobs"]);
    const page = renderPage(input);
    expect(shown(input).filter((id) => !page.includes(`<section id="${id}"`))).toEqual([]);
  });

  it("tell the run's course in words where only the result is at hand", () => {
    const result: Result = {
      ...resultFor("regressed"),
      timeline: {
        entries: [
          {
            event: "death",
            scenario: null,
            atMs: 61_000,
            process: "<b>vector</b>",
            exitCode: 1,
            signal: null,
          },
        ],
        leftOut: 3,
      },
    };
    const section = timelineSection({ result, head: null, baselines: [] });
    expect(section?.body.text).toContain(
      "<li>+61 s &lt;b&gt;vector&lt;/b&gt; died by itself (exit code 1)</li>",
    );
    expect(section?.body.text).toContain("And 3 more.");
  });
});

describe("the run over time", () => {
  it("says with figures what is drawn", () => {
    const head = profileWith({
      scenarios: [scenario("control", "control"), scenario("slow", "attributed")],
      windows: [load("control", 0), load("slow", 2000)],
      observations: [
        request(0, 0),
        request(0, 1000, { latencyMs: 120 }),
        request(1, 0, { latencyMs: 950 }),
        request(1, 1000, { outcome: "reset" }),
      ],
      processes: [{ name: "service", atMs: 1000, cpu: 0.4, memoryBytes: 50 * 1024 ** 2 }],
      deaths: [{ name: "service", atMs: 3000, window: 1, exitCode: 1, signal: null, injected: false }],
    });
    const text = textOf(timelineSection({ result: resultFor("regressed"), head, baselines: [] }));
    expect(text).toContain("4 requests by the second in which they were due, 25 % of them failed.");
    expect(text).toContain("Slowest: p95 950 ms at 3 s.");
    expect(text).toContain("× died by itself");
    expect(text).toContain("Failures in 1 of 4 points; at most 100 %, at 4 s.");
    expect(text).toContain("service (solid): at most 0.4 cores.");
    expect(text).toContain("service (solid): at most 50 MiB.");
  });

  it("has no chart of failures where nothing failed", () => {
    const head = profileWith({ windows: [load("control", 0)], observations: [request(0, 0)] });
    const text = textOf(timelineSection({ result: resultFor("pass"), head, baselines: [] }));
    expect(text).toContain("No request failed.");
    expect(text).not.toContain("Share of requests that failed");
  });

  it("marks the alarms of the detector that saw most, false ones apart", () => {
    const of = (found: number, alarms: readonly { readonly atMs: number; readonly isFalse: boolean }[]) => ({
      form: "f",
      calmMs: 1000,
      falseAlarms: 0,
      alarms,
      scenarios: [{ scenario: "slow", windows: 5, found, medianDelayMs: 1000 }],
    });
    const detection = [
      { detector: "arma" as const, ...of(1, [{ atMs: 1000, isFalse: true }]) },
      { detector: "svm" as const, ...of(4, [{ atMs: 5000, isFalse: false }]) },
    ];
    const pageOf = (result: Result): string =>
      timelineSection({ result, head: service, baselines: [] })?.body.text ?? "";
    const drawn = pageOf({ ...resultFor("pass"), detection });
    expect(drawn).toContain("◇ an alarm (detector support vector machine)");
    expect(drawn).not.toContain("□ an alarm in calm");
    expect(pageOf({ ...resultFor("pass"), detection: [] })).not.toContain("alarm");
  });

  it("says when detectors first flagged a fault", () => {
    const detection = (["mean-variance", "svm"] as const).map((detector, place) => ({
      detector,
      form: "f",
      calmMs: 1000,
      falseAlarms: 0,
      scenarios: [
        { scenario: "slow", windows: 5, found: 4 - place, medianDelayMs: 2000 - 500 * place },
        { scenario: "cut", windows: 5, found: 0, medianDelayMs: null },
      ],
    }));
    const result: Result = { ...resultFor("pass"), detection };
    const text = textOf(timelineSection({ result, head: service, baselines: [] }));
    expect(text).toContain("after 1.5 s (support vector machine, 3 of 5 windows)");
    expect(text).toMatch(/cut.*never.*reset|cut[^c]*never/s);
  });
});

describe("recovery", () => {
  const killed = (recoveryMs: number | null): Profile =>
    profileWith({
      scenarios: [scenario("killed", "kill"), scenario("down", "clock")],
      windows: [load("killed", 0, 4000), load("down", 9000)],
      observations: [
        request(0, 0),
        request(0, 1500, { outcome: "refused" }),
        request(0, 3000),
        request(1, 0),
      ],
      deaths: [{ name: "service", atMs: 1000, window: 0, exitCode: null, signal: "SIGKILL", injected: true }],
      recoveries: [
        { scenario: "killed", round: 0, signal: "SIGKILL", replica: 0, recoveryMs, watchedMs: 3000 },
      ],
    });

  it("is told of head and base in words too", () => {
    const text = textOf(
      recoverySection({ result: resultFor("pass"), head: killed(2000), baselines: [killed(1100)] }),
    );
    expect(text).toContain("recovered after 2 s (median of 1 kill)");
    expect(text).toContain("recovered after 1.1 s (median of 1 kill)");
    expect(text).toContain("head recovered");
    expect(text).toContain("base recovered");
    expect(text).toContain("down: 100 % answered well all the time, in the baseline too.");
  });

  it("says of a kill that was not recovered from how long it was watched, and marks nothing", () => {
    const text = textOf(recoverySection({ result: resultFor("pass"), head: killed(null), baselines: [] }));
    expect(text).toContain("not: 1 of 1 kill without a good answer in the 3 s that it was watched");
    expect(text).not.toContain("head recovered");
  });

  it("has no mark beyond all runs", () => {
    const text = textOf(recoverySection({ result: resultFor("pass"), head: killed(1e12), baselines: [] }));
    expect(text).toContain("answered well since then");
    expect(text).not.toContain("head recovered");
  });
});

const MARKUP = '<script>alert("1")</script>&\u202e\u0007';

/** Every name is markup, every time is huge, everything is many. */
const hostile = (): Profile => {
  const names = Array.from({ length: 10_000 }, (_, place) => `${MARKUP}${place}`);
  const shapes = ["kill", "clock", "attributed"] as const;
  return profileWith({
    scenarios: names.map((name, place) => ({
      ...scenario(name, shapes[place % 3] ?? "kill"),
      description: name,
    })),
    windows: [
      ...names.map((name, place) =>
        load(name, place * 90_000, 30_000, { invalid: place % 7 === 0 ? MARKUP : undefined } as object),
      ),
      load(names[0] ?? "", 1e12, 1e12),
    ],
    observations: Array.from({ length: 60_000 }, (_, place) =>
      request(place % 10_001, (place * 37) % 30_000, {
        latencyMs: place % 11 === 0 ? 1e15 : place % 900,
        outcome: place % 3 === 0 ? "status" : "ok",
      }),
    ),
    processes: names.flatMap((name, place) => [
      { name, atMs: place * 1000, cpu: place, memoryBytes: 1e300 },
      { name: "service", atMs: place * 10_000, cpu: Math.abs(Math.sin(place)), memoryBytes: place * 1e7 },
    ]),
    deaths: names.map((name, window) => ({
      name,
      atMs: window * 90_000 + 5,
      window,
      exitCode: 1,
      signal: MARKUP,
      injected: window % 2 === 0,
    })),
    recoveries: names.map((name) => ({
      scenario: name,
      round: 0,
      signal: "SIGKILL" as const,
      replica: 0,
      recoveryMs: 1e12,
      watchedMs: 1e12,
    })),
  });
};

describe("hostile profiles", () => {
  it("become small sections without markup of their own", () => {
    const input = { result: resultFor("regressed"), head: hostile(), baselines: [hostile()] };
    const sections = made(input);
    expect(sections.map(({ id }) => id)).toEqual(["timeline", "recovery"]);
    expect(sections.filter((section) => !isSmall(section))).toEqual([]);
    expect(sections.flatMap(brokenIn)).toEqual([]);
    for (const section of sections) expect(textOf(section)).toContain("&lt;script&gt;");
  });

  it("of sixty thousand requests and kills are small too", () => {
    const big = syntheticProfile({ scheduleSeed: 1, runSeed: 2, rateRps: 29, rounds: 170, errorRate: 0.3 });
    const processes = ["service", "a", "b", "c", "d"].flatMap((name, k) =>
      Array.from({ length: 2050 }, (_, second) => ({
        name,
        atMs: second * 1000,
        cpu: Math.abs(Math.sin(second * (k + 1))),
        memoryBytes: 1e8 * (1 + Math.abs(Math.cos(second * (k + 2)))),
      })),
    );
    const deaths = Array.from({ length: 300 }, (_, place) => ({
      name: "service",
      atMs: place * 6000,
      window: 0,
      exitCode: 1,
      signal: null,
      injected: false,
    }));
    const input = { result: resultFor("regressed"), head: { ...big, processes, deaths }, baselines: [big] };
    expect(made(input).map(isSmall)).toEqual([true, true]);
  });

  it("of jobs become small sections without markup of their own", () => {
    const head = jobProfile({ seed: 9, repeats: 20, change: { fromZero: true, crashes: 4 } });
    const long = (profile: Profile): Profile => ({
      ...profile,
      scenarios: profile.scenarios.map((each) => ({
        ...each,
        name: each.name === "control" ? "control" : MARKUP + each.name,
      })),
      jobRuns: (profile.jobRuns ?? []).map((each, place) => ({
        ...each,
        scenario: each.scenario === "control" ? "control" : MARKUP + each.scenario,
        steps: {
          step: [...each.steps.step, ...each.steps.step.map((step) => step * 1000), 1e308],
          atMs: [...each.steps.atMs, ...each.steps.atMs.map((atMs) => atMs + 1e5), 1e12],
          loss: [
            ...each.steps.loss,
            ...each.steps.loss.map((loss) => (loss ?? 0) * 10 ** (place % 300)),
            1e308,
          ],
        },
      })),
    });
    const input = {
      result: (JOB_RESULTS["job-regressed"] as () => Result)(),
      head: long(head),
      baselines: [long(head)],
    };
    const sections = made(input);
    expect(sections.map(({ id }) => id)).toEqual(["jobs"]);
    expect(sections.filter((section) => !isSmall(section))).toEqual([]);
    expect(sections.flatMap(brokenIn)).toEqual([]);
    expect(textOf(sections[0] ?? null)).toContain("&lt;script&gt;");
  });
});
