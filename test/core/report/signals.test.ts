import { describe, expect, test } from "vitest";
import { parseResult } from "../../../src/config/result-file.ts";
import { renderJson } from "../../../src/core/report/json.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { signalsMarkdown } from "../../../src/core/report/signals.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { SignalResult } from "../../../src/core/signals/result.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { resultFor } from "./results.ts";

const under = (scenario: string, shown: number, medianDelayMs: number | null) => ({
  scenario,
  windows: 6,
  shown,
  medianDelayMs,
  harmedShare: 0.84,
});
const base: SignalResult = {
  signal: "errors",
  description: "metric errors_total at /metrics, growth per second",
  samples: 120,
  falselyShown: 2,
  calmMs: 63_000,
  scenarios: [under("llm-rate-limited", 6, 812), under("vector-slow", 2, 1600)],
};
const signals: readonly SignalResult[] = [
  base,
  {
    ...base,
    signal: "health",
    description: "GET /healthz",
    falselyShown: 0,
    scenarios: base.scenarios.map(({ scenario }) => under(scenario, 0, null)),
  },
  { ...base, signal: "queue", description: "metric queue at /metrics", untold: "it could not be read" },
];
const withSignals = (own: readonly SignalResult[]): Result => ({ ...resultFor("pass"), signals: own });

describe("what signals showed", () => {
  test("is a table of faults and signals in a comment, with what each signal is", () => {
    const [text = ""] = signalsMarkdown(withSignals(signals));
    expect(text).toContain("<summary>Would you have noticed?</summary>");
    const lines = text.split("\n");
    expect(lines).toContain("| Fault | Failed or late | errors | health | queue |");
    expect(lines).toContain("| llm-rate-limited | 84 % | after 812 ms | never | not told |");
    expect(lines).toContain("| vector-slow | 84 % | after 1.6 s, 2 of 6 windows | never | not told |");
    expect(lines).toContain("| calm traffic, 63 s |  | 2 times | never | not told |");
    expect(text).toContain("- health: GET /healthz");
    expect(text).toContain("(not told: it could not be read)");
    expect(renderMarkdown(withSignals(signals))).toContain(text);
  });

  test("is told on a terminal too, within its width", () => {
    const text = renderTerminal(withSignals(signals), { color: false, width: 100 });
    expect(text).toMatch(/Would you have noticed\?\nfault +failed or late +errors +health +queue/);
    expect(text).toMatch(/llm-rate-limited +84 % +after 812 ms +never +not told/);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("of more than six signals is told for six, and that there are more", () => {
    const many = Array.from({ length: 8 }, (_, place) => ({ ...base, signal: `s${place}` }));
    const [text = ""] = signalsMarkdown(withSignals(many));
    expect(text).toContain("| s5 |");
    expect(text).not.toContain("s6");
    expect(text).toContain("and 2 further signals in result.json");
  });

  test("is nothing without signals, and without faults", () => {
    expect(signalsMarkdown(resultFor("pass"))).toEqual([]);
    expect(signalsMarkdown(withSignals([{ ...base, scenarios: [] }]))).toEqual([]);
    expect(renderTerminal(resultFor("pass"), { color: false, width: 100 })).not.toContain("noticed?");
  });

  test("lets no name, pattern or fault write anything but text", () => {
    const evil = "a|b\n<img src=x>\u001B[2J::error::@everyone";
    const hostile = withSignals([
      { ...base, signal: evil, description: evil, untold: evil, scenarios: [under(evil, 1, 1)] },
    ]);
    const [text = ""] = signalsMarkdown(hostile);
    expect(text).not.toContain("<img");
    expect(text).not.toContain("\u001B");
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(4);
    expect(renderTerminal(hostile, { color: false, width: 100 })).not.toContain("\u001B");
  });

  test("comes back from result.json as it was", () => {
    const result = withSignals(signals);
    expect(parseResult(renderJson(result), { file: "result.json" }).signals).toEqual(signals);
  });
});
