/** Sections of charts: they render for every result, stay small, draw no NaN, and show names as text. */
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Profile } from "../../../../src/core/profile.ts";
import type { PageInput, SectionOf } from "../../../../src/core/report/page/input.ts";
import { renderPage } from "../../../../src/core/report/page/page.ts";
import { distributionsSection } from "../../../../src/core/report/page/sections/distributions.ts";
import { frontierPlotsSection } from "../../../../src/core/report/page/sections/frontiers.ts";
import { historySection } from "../../../../src/core/report/page/sections/history.ts";
import { syntheticProfile } from "../../../support/synthetic-profile.ts";
import { JOB_RESULTS } from "../job-results.ts";
import { resultFor, WORDS } from "../results.ts";
import { frontierInput } from "./frontier-input.ts";
import { at, type Measured, profileOf } from "./samples.ts";

const SECTIONS: readonly SectionOf[] = [distributionsSection, frontierPlotsSection, historySection];
const MOST_BYTES = 150_000;

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

const bodies = (input: PageInput): readonly string[] =>
  SECTIONS.flatMap((make) => make(input)?.body.text ?? []);

const expectSound = (input: PageInput): readonly string[] => {
  const texts = bodies(input);
  for (const text of texts) {
    expect(byteLength(text)).toBeLessThan(MOST_BYTES);
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/);
  }
  return texts;
};

const HEAD = syntheticProfile({ scheduleSeed: 1, runSeed: 1, errorRate: 0.05 });
const BASES = [2, 3].map((runSeed) => syntheticProfile({ scheduleSeed: 1, runSeed }));

describe("sections of charts", () => {
  const results = [...WORDS.map(resultFor), ...Object.values(JOB_RESULTS).map((make) => make())];

  test.each(results.map((result) => [result.verdict.word, result] as const))(
    "render for a result that is %s, with and without samples",
    (_, result) => {
      expect(expectSound({ result, head: null, baselines: [] })).toEqual([]);
      expect(expectSound({ result, head: HEAD, baselines: [] })).toHaveLength(1);
      expect(expectSound({ result, head: HEAD, baselines: BASES })).toHaveLength(
        result.baseline === null ? 1 : 2,
      );
      expect(renderPage({ result, head: HEAD, baselines: BASES })).toContain('<section id="distributions"');
    },
  );

  test("say both sides' figures, draw both curves apart without colour, and what failed", () => {
    const text = distributionsSection({ result: resultFor("pass"), head: HEAD, baselines: BASES })?.body.text;
    expect(text).toMatch(/Base -&gt; head: median [\d.]+ ms -&gt; [\d.]+ ms, p95 .*, failed .* -&gt; .*; /);
    expect(text).toMatch(/requests of base \(2 runs\), \d+ requests of head\./);
    expect(text).toContain("SLO 2 s");
    expect(text).toMatch(/- - base: 0 % failed/);
    expect(text).toMatch(/— head: [\d.]+ % failed/);
    expect(text).toContain('stroke-dasharray="5 4"');
    const alone = distributionsSection({ result: resultFor("pass"), head: HEAD, baselines: [] })?.body.text;
    expect(alone).not.toContain("base:");
    expect(alone).toMatch(/Head: median [\d.]+ ms, p95/);
  });

  test("open the first three scenarios and fold the others", () => {
    const text =
      distributionsSection({ result: resultFor("pass"), head: HEAD, baselines: BASES })?.body.text ?? "";
    expect(text.split("<svg").length - 1).toBe(6);
    expect(text.split("<details><summary>").length - 1).toBe(3 + 1);
    expect(text.split("<details")[0]?.split("<svg").length).toBe(3 + 1);
  });

  test("show a frontier's windows by shape, its estimate and the base's", () => {
    const text = frontierPlotsSection(frontierInput().input)?.body.text ?? "";
    expect(text).toMatch(/\d held \(●\), \d did not \(×\), 1 do not count \(□\)/);
    expect(text).toMatch(/Base \(◇\) 1\.88 s/);
    expect(text).toMatch(/Tolerates \d+ ms \(95 % CI/);
    expect(frontierPlotsSection({ result: resultFor("pass"), head: HEAD, baselines: [] })).toBeNull();
  });

  test("mark main's changes by number, and tell them in a table", () => {
    const runs = [1, 2, 3, 4].map((day) => ({ startedAt: `2026-01-0${day}`, calmMs: 100 }));
    const change = { run: 2, scenario: "slow", figure: "errors", unit: "share" as const, from: 0, to: 0.2 };
    const result = { ...resultFor("pass"), trend: { runs, changes: [change] } };
    const text = historySection({ result, head: null, baselines: [] })?.body.text ?? "";
    expect(text).toContain("What changed for good");
    expect(text).toMatch(/<td>slow<\/td><td>errors<\/td><td>0 %<\/td><td>20 %<\/td><td>2026-01-03<\/td>/);
    expect(text).toContain("4 runs of main 100 ms.");
  });
});

describe("sections of charts of hostile samples", () => {
  const EXTREMES: readonly Measured[] = [
    0,
    1e12,
    -5,
    1e-9,
    Number.MAX_VALUE,
    100,
    ...Array.from({ length: 30 }, () => 1e12),
  ].map((latencyMs) => ({ latencyMs }));

  test("draw extreme latencies, and sides of which every request failed, within their axes", () => {
    const failed = EXTREMES.map((each) => ({ ...each, outcome: "status" as const }));
    const make = (samples: readonly Measured[], sloMs: number): Profile =>
      profileOf(
        new Map<string, readonly Measured[]>([
          ["control", samples],
          ["dead", failed],
          ["zero", Array.from({ length: 40 }, () => ({ latencyMs: 0 }))],
        ]),
        { sloMs },
      );
    for (const sloMs of [0, 1e300, 2000]) {
      const input = {
        result: resultFor("pass"),
        head: make(EXTREMES, sloMs),
        baselines: [make([], sloMs), make(failed, sloMs)],
      };
      expect(expectSound(input)).toHaveLength(2);
    }
  });

  test("draw frontiers of strange ranges", () => {
    for (const over of [
      { from: 0, levels: [1e-300] },
      { from: -1e15, levels: [0, 1e15] },
      { from: 1e15, levels: [1] },
      { from: 1, levels: [5e9, 1e3, 1e10] },
      { from: 1, levels: [1] },
    ])
      expect(expectSound(frontierInput(over).input).length).toBeGreaterThan(0);
  });

  test("stay small with 60 scenarios and 60,000 requests, and say what is left out", () => {
    const names = ["control", ...Array.from({ length: 59 }, (_, index) => `fault-number-${index}`)];
    const make = (seed: number): Profile =>
      profileOf(
        new Map(
          names.map((name, place) => [
            name,
            Array.from({ length: 1000 }, (_, slot) => ({
              latencyMs: 50 + ((slot * (place + seed) * 7919) % 10_007) / 7,
              ...(slot % 17 === 0 ? { outcome: "status" as const } : {}),
            })),
          ]),
        ),
        at(`2026-01-0${seed}T00:00:00.000Z`, "c".repeat(40)),
      );
    const input = { result: resultFor("pass"), head: make(3), baselines: [make(1), make(2)] };
    const [distributions] = expectSound(input);
    expect(distributions?.split("<svg").length).toBe(24 + 1);
    expect(distributions).toContain("36 more scenarios not drawn.");
  });

  test("stay small with 10,000 scenarios of long names, 40 frontiers and a long trend", () => {
    const long = "𝔛".repeat(3000);
    const names = Array.from({ length: 10_000 }, (_, index) => `${index}${long.slice(0, 400)}`);
    const head = profileOf(new Map(names.map((name) => [name, [{ latencyMs: 5 }, { latencyMs: 9 }]])));
    const { input, record } = frontierInput({}, { description: long });
    const [frontier] = input.result.frontiers ?? [];
    if (frontier === undefined) throw new Error("one frontier was searched");
    const each = Array.from({ length: 40 }, (_, index) => `${index}${long}`);
    const trend = {
      runs: Array.from({ length: 500 }, () => ({ startedAt: long, commit: long, calmMs: 1e12 })),
      changes: Array.from({ length: 500 }, (_, run) => ({
        run,
        scenario: long,
        figure: long,
        unit: "ms" as const,
        from: 0,
        to: 1e12,
      })),
    };
    const texts = expectSound({
      result: {
        ...input.result,
        frontiers: each.map((name) => ({ ...frontier, name, expect: [long] })),
        trend,
      },
      head: { ...head, frontiers: each.map((name) => ({ ...record, name })) },
      baselines: [head, head],
    });
    expect(texts).toHaveLength(3);
    expect(texts[0]).toMatch(/more scenarios not drawn/);
  });

  test("show names as text: no markup, no direction overrides, the same elements as with plain ones", () => {
    const elements = (name: string): string => {
      const { input } = frontierInput({ parameter: name }, { name, description: name });
      const samples = new Map([
        ["control", EXTREMES],
        [name, EXTREMES],
      ]);
      const make = (day: number): Profile => ({
        ...profileOf(samples, at(`2026-01-0${day}${name}`, name)),
        frontiers: input.head?.frontiers ?? [],
      });
      const { result } = input;
      const change = { run: 1, scenario: name, figure: name, unit: "ms" as const, from: 0, to: 1 };
      const runs = [1, 2, 3, 4].map(() => ({ startedAt: name, commit: name, calmMs: 1 }));
      const texts = expectSound({
        result: { ...result, trend: { runs, changes: [change] } },
        head: make(3),
        baselines: [make(1), make(2)],
      });
      const text = texts.join("");
      expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      const { document } = parseHTML(`<!doctype html><html><body>${text}</body></html>`);
      return Array.from(document.querySelectorAll("*"), ({ tagName }) => tagName).join(" ");
    };
    const plain = elements("plain");
    expect(plain).toContain("SUMMARY");
    for (const name of [
      "<b>x</b>",
      "</svg></text><img src=x onerror=alert(1)>",
      "\u202Eevil\u2066\u0000",
      '" onload="x',
      "a]]>&amp;",
    ])
      expect(elements(name)).toBe(plain);
  });
});
