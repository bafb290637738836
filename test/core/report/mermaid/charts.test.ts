import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLength } from "../../../../src/core/report/byte-length.ts";
import { renderJobSummary } from "../../../../src/core/report/job-summary.ts";
import { renderMarkdown } from "../../../../src/core/report/markdown.ts";
import { diagramNumber, diagramWords } from "../../../../src/core/report/mermaid/fence.ts";
import { textBar } from "../../../../src/core/report/mermaid/text-bars.ts";
import type { TimelineEntry } from "../../../../src/core/timeline/entry.ts";
import type { Comparison, Result } from "../../../../src/core/verdict.ts";
import { withTexts } from "../hostile.ts";
import { FAILED } from "../postmortem/failed-results.ts";
import { comparison, resultFor } from "../results.ts";
import { diagramsOf, readGantt, readXyChart } from "./mermaid.ts";

const explained = (): Result => {
  const make = FAILED["postmortem-explained"];
  if (make === undefined) throw new Error("no such result in the fixture");
  return make();
};

const withComparisons = (comparisons: readonly Comparison[]): Result => {
  const of = resultFor("regressed");
  return { ...of, verdict: { ...of.verdict, comparisons, worstScenario: comparisons[0]?.scenario ?? null } };
};

const withTimeline = (entries: readonly TimelineEntry[], leftOut = 0): Result => ({
  ...resultFor("pass"),
  timeline: { entries, leftOut },
});

const worse = (given: Partial<Comparison>): Comparison => comparison({ label: "regressed", ...given });

const bars = async (result: Result): Promise<readonly (readonly [string, number])[]> => {
  const [source] = diagramsOf(renderJobSummary(result));
  const { plots } = await readXyChart(source ?? "");
  expect(plots.map(({ type }) => type)).toEqual(["bar"]);
  return plots[0]?.data ?? [];
};

describe("base against head in the job summary", () => {
  it("is a bar for each run of each fault, the worst first, with its figure in its label", async () => {
    expect(await bars(resultFor("regressed"))).toEqual([
      ["F1 base: 0.4 %", 0.4],
      ["F1 head: 6.1 %", 6.1],
      ["calm base: 0.4 %", 0.4],
      ["calm head: 0.4 %", 0.4],
      ["F2 base: 0.4 %", 0.4],
      ["F2 head: 0.4 %", 0.4],
    ]);
    const text = renderJobSummary(resultFor("regressed"));
    expect(text).toContain("| F1 llm-rate-limited | head | 6.1 % |");
    expect(text).toContain("Worst: llm-rate-limited, errors: 0.4 % in the base, 6.1 % in the head.");
  });

  it.each([
    ["ms", { metric: "hit50", base: 40, head: 900 }, "median latency of struck requests (ms)", 900],
    ["s", { metric: "hit50", base: 1240, head: 4310 }, "median latency of struck requests (s)", 4.31],
    ["none", { metric: "calls-per-request", unit: "ratio", base: 1, head: 3 }, "calls per request", 3],
  ] as const)("has one readable unit: %s", async (_, given, title, head) => {
    const of = withComparisons([worse({ unit: "ms", ...given })]);
    const [source] = diagramsOf(renderJobSummary(of));
    const { yAxis, plots } = await readXyChart(source ?? "");
    expect(yAxis.title).toBe(title);
    expect(plots[0]?.data[1]?.[1]).toBe(head);
    expect(yAxis.min).toBe(0);
    expect(yAxis.max).toBeGreaterThanOrEqual(head);
    expect(yAxis.max).toBeLessThanOrEqual(2 * head);
  });

  it("shows ten faults at most, and says how many more there are", async () => {
    const of = withComparisons(
      Array.from({ length: 14 }, (_, index) => worse({ scenario: `fault-${index}` })),
    );
    expect(await bars(of)).toHaveLength(20);
    expect(renderJobSummary(of)).toContain("4 more below the worst are left out.");
  });

  it("compares a call's metric at one dependency only", async () => {
    const calls = { metric: "calls-per-request", unit: "ratio", base: 1, head: 2 } as const;
    const of = withComparisons([worse({ ...calls, edge: "llm" }), comparison({ ...calls, edge: "vector" })]);
    expect(await bars(of)).toHaveLength(2);
  });

  it("leaves what is no number to the table, and says that it did", async () => {
    const past = worse({ metric: "p95", unit: "ms", base: 800, head: Number.POSITIVE_INFINITY });
    const text = renderJobSummary(withComparisons([past]));
    expect(await bars(withComparisons([past]))).toEqual([["F1 base: 800 ms", 800]]);
    expect(text).toContain("1 of the figures cannot be bars of the diagram");
    expect(text).toMatch(/\| F1 llm-rate-limited \| head \| past the deadline \| `█+→` \|/);
  });

  it("is not there where nothing changed, where all is 0, or where the measurement failed", () => {
    const nothing = [
      resultFor("pass"),
      resultFor("invalid"),
      resultFor("no-baseline"),
      withComparisons([worse({ base: 0, head: 0 })]),
      withComparisons([worse({ base: Number.NaN, head: Number.POSITIVE_INFINITY })]),
    ];
    for (const of of nothing) {
      expect(renderJobSummary(of)).not.toContain("Base against head");
      expect(renderMarkdown(of)).not.toContain("Base against head");
    }
  });
});

describe("the course of the run in the job summary", () => {
  it("shows when which fault was there, what went wrong as such, and the same in words", async () => {
    const text = renderJobSummary(explained());
    const tasks = await readGantt(diagramsOf(text)[1] ?? "");
    const told = tasks.map(({ section, task, startTime, endTime, crit, milestone }) =>
      [section, task.trim(), startTime.getTime(), endTime.getTime(), crit === true, milestone === true].join(
        " ",
      ),
    );
    expect(told).toEqual([
      "F1 round 1 21400 27400 false false",
      "F1 round 2, not scored 41200 47200 true false",
      "F1 a process died 44010 44010 true true",
      "F1 remedies tried 121000 139400 false false",
      "F2 round 1 27900 33900 false false",
    ]);
    expect(text).toContain("| +21.4 s | F1 | llm-rate-limited, round 1: traffic under the fault for 6 s |");
    expect(text).toContain("3 more events of the run are left out");
  });

  it("keeps twenty events: what went wrong, then rounds from the first on", async () => {
    const fault = (index: number): TimelineEntry => ({
      event: "fault",
      scenario: `fault-${index % 2}`,
      round: 1 + Math.floor(index / 2),
      atMs: 1000 * index,
      durationMs: 900,
    });
    const death: TimelineEntry = {
      event: "death",
      scenario: null,
      atMs: 50_000,
      process: "service",
      exitCode: 1,
      signal: null,
    };
    const of = withTimeline([...Array.from({ length: 40 }, (_, index) => fault(index)), death]);
    const tasks = await readGantt(diagramsOf(renderJobSummary(of))[0] ?? "");
    expect(tasks).toHaveLength(20);
    expect(tasks.at(-1)).toMatchObject({ section: "start", crit: true, milestone: true });
    expect(Math.max(...tasks.slice(0, -1).map(({ startTime }) => startTime.getTime()))).toBe(18_000);
    expect(renderJobSummary(of)).toContain("21 more events of the run are left out");
  });

  it("is told in the job summary only", () => {
    expect(renderMarkdown(explained())).not.toContain("The course of the run");
    expect(renderJobSummary(resultFor("pass"))).not.toContain("The course of the run");
  });
});

describe("bars of text in the comment", () => {
  it("are folded, of the five worst faults, with figures beside them, and no diagram that mail would show as source", () => {
    const of = withComparisons(
      Array.from({ length: 14 }, (_, index) => worse({ scenario: `fault-${index}` })),
    );
    const text = renderMarkdown(of);
    const from = text.indexOf("<details><summary>Base against head: errors</summary>");
    const chart = text.slice(from, text.indexOf("</details>", from));
    expect(chart.match(/^\| fault-/gm)).toHaveLength(10);
    expect(chart).toContain("| fault-0 | head | 0.4 % | `████████████████████` | ❌ worse |");
    expect(chart).toContain("9 more below the worst are left out.");
    expect(text).not.toContain("mermaid");
  });

  it("are the first to go where the text does not fit, and take nothing else with them", () => {
    const of = resultFor("regressed");
    const whole = renderMarkdown(of);
    const without = renderMarkdown(of, { maxBytes: byteLength(whole) - 1 });
    const from = whole.indexOf("<details><summary>Base against head");
    const until = whole.indexOf("</details>\n\n", from) + "</details>\n\n".length;
    expect(without).toBe(`${whole.slice(0, from)}${whole.slice(until)}`);
  });

  it("have a sign for what is no length", () => {
    expect(textBar(0, 4)).toBe("·");
    expect(textBar(null, 4)).toBe("-");
    expect(textBar(Number.NaN, 4)).toBe("-");
    expect(textBar(1e-9, 4)).toBe("▏");
    expect(textBar(1, 4)).toBe("█████");
    expect(textBar(4, 4)).toBe("█".repeat(20));
    expect(textBar(Number.POSITIVE_INFINITY, 4)).toBe(`${"█".repeat(20)}→`);
  });
});

const INJECTIONS = [
  '%%{init: {"securityLevel": "loose"}}%%',
  'click F1 href "javascript:alert(1)"',
  'a" ]\nbar [999]',
  "x; bar [1]",
  "```\n# out of the fence",
  "end",
  "section other\n  x :1, 2",
  "---\nconfig:\n  theme: forest\n---",
  "<img src=x onerror=alert(1)>",
  "#quot;#59;",
  "$$x$$",
] as const;

const hostile = fc.oneof(fc.constantFrom(...INJECTIONS), fc.string({ unit: "binary", maxLength: 40 }));

const figure = fc.oneof(
  fc.double({ min: 0, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(null, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 5e-324, 1e300),
);

describe("diagrams of hostile results", () => {
  it("hold none of the names: whatever these are, the diagrams are the same", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // The same order as with harmless names: what begins alike is sorted by its end.
        const named = (name: string): readonly string[] =>
          diagramsOf(renderJobSummary(withTexts(explained(), (place) => `z${name}${place}`)));
        const harmless = named("");
        expect(harmless).toHaveLength(2);
        expect(named(text)).toEqual(harmless);
      }),
      { numRuns: 100 },
    );
  });

  it("are read by Mermaid, whatever the figures, in less than 5,000 characters", async () => {
    const unit = fc.constantFrom("ms", "share", "ratio", "count", "bytes", "bytes/s" as const);
    const row = fc.record({ base: figure, head: figure });
    await fc.assert(
      fc.asyncProperty(unit, fc.array(row, { minLength: 1, maxLength: 6 }), async (of, rows) => {
        const result = withComparisons(
          rows.map((each, at) => worse({ ...each, unit: of, scenario: `s${at}` })),
        );
        for (const source of diagramsOf(renderJobSummary(result))) {
          expect(source.length).toBeLessThan(5000);
          expect(source).not.toMatch(/NaN|Infinity/);
          const { yAxis, plots, xAxis } = await readXyChart(source);
          const values = plots[0]?.data.map(([, value]) => value) ?? [];
          expect(values).toHaveLength(xAxis.categories.length);
          expect(yAxis.max).toBeGreaterThan(0);
          expect(values.every((value) => value >= 0 && value <= yAxis.max)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("have a course that Mermaid reads, whatever the times", async () => {
    const round = fc.integer({ min: 1, max: 99 });
    const time = fc.oneof(
      fc.double({ min: 0, max: 1e8, noNaN: true }),
      fc.constantFrom(0, Number.NaN, -5, 1e300),
    );
    const entry = fc.record({
      event: fc.constant("fault" as const),
      scenario: fc.constantFrom("a", "end", "control"),
      round,
      atMs: time,
      durationMs: time,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 40 }), async (entries) => {
        const drawable = entries.filter(({ atMs }) => atMs >= 0 && atMs < 1e15);
        const sources = diagramsOf(renderJobSummary(withTimeline(entries)));
        expect(sources).toHaveLength(drawable.length === 0 ? 0 : 1);
        for (const source of sources) {
          expect(source.length).toBeLessThan(5000);
          const tasks = await readGantt(source);
          expect(tasks).toHaveLength(Math.min(20, drawable.length));
          expect(tasks.every(({ startTime, endTime }) => endTime >= startTime)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("are made of words and numbers that Mermaid reads as such", () => {
    expect(diagramWords('a "b"; `c`\n%%{init}%% 0.4 %')).toBe("a  b    c   % init  % 0.4 %");
    expect(diagramNumber(0.000_012_345_678)).toBe("0.0000123457");
    expect(diagramNumber(123_456_789)).toBe("123456789");
    expect(diagramNumber(4.31)).toBe("4.31");
    expect(() => diagramNumber(Number.NaN)).toThrow(RangeError);
    expect(() => diagramNumber(-1)).toThrow(RangeError);
  });
});
