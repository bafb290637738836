import { describe, expect, it } from "vitest";
import type { DetectorResult } from "../../../src/core/detect/result.ts";
import { detectionLines, detectionMarkdown } from "../../../src/core/report/detection.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { resultFor } from "./results.ts";

const median: DetectorResult = {
  detector: "mean-variance",
  form: "median/MAD, k = 6",
  calmMs: 50_000,
  falseAlarms: 1,
  scenarios: [
    { scenario: "llm-rate-limited", windows: 5, found: 4, medianDelayMs: 2000 },
    { scenario: "vector-slow", windows: 5, found: 0, medianDelayMs: null },
  ],
};
const forest: DetectorResult = {
  ...median,
  detector: "random-forest",
  fellBack: "a forest needs 8 earlier runs, there are 3",
};
const seen = (...detection: readonly DetectorResult[]): Result => ({ ...resultFor("pass"), detection });

describe("what detectors saw", () => {
  it("is one folded table: a row for each fault, a column for each detector", () => {
    expect(detectionMarkdown(seen(median, forest))).toEqual([
      `<details><summary>When detectors saw each fault</summary>

Windows under each fault that were flagged, and the median time from the fault's start to the end of the first flagged second. Detectors explain; they never set the verdict.

| Fault | mean and variance | random forest |
| --- | --- | --- |
| Form | median/MAD, k = 6 | median/MAD, k = 6 (a forest needs 8 earlier runs, there are 3) |
| llm-rate-limited | 4 of 5 after 2 s | 4 of 5 after 2 s |
| vector-slow | 0 of 5 | 0 of 5 |
| False alarms per 10 min of calm | 12.0 (1 in 50 s) | 12.0 (1 in 50 s) |

</details>`,
    ]);
  });

  it("is a line for each detector on a terminal", () => {
    expect(detectionLines(seen(forest))).toEqual([
      "Detector random forest, median/MAD, k = 6 (a forest needs 8 earlier runs, there are 3): 4 of 10 faulty windows flagged; never vector-slow; false alarms per 10 min of calm 12.0 (1 in 50 s)",
    ]);
  });

  it("stands in the reports where there is some, and nowhere else", () => {
    const terminal = { color: false, width: 160 };
    expect(renderMarkdown(seen(median))).toContain("When detectors saw each fault");
    expect(renderTerminal(seen(median), terminal)).toContain("Detector mean and variance");
    expect(renderMarkdown(resultFor("pass"))).not.toContain("detectors");
    expect(renderTerminal(resultFor("pass"), terminal)).not.toContain("Detector");
  });

  it("quotes no rate of a few seconds of calm", () => {
    expect(detectionLines(seen({ ...median, calmMs: 5000 }))[0]).toMatch(/10 min of calm n\/a$/);
  });

  it("stays bounded and escaped, whatever the names", () => {
    const scenarios = Array.from({ length: 500 }, (_, index) => ({
      scenario: `<b>|${index}`,
      windows: 1,
      found: 0,
      medianDelayMs: null,
    }));
    const [section = ""] = detectionMarkdown(seen({ ...median, scenarios }));
    expect(section).toContain("And 440 more in `result.json`.");
    expect(section).not.toContain("<b>");
    expect(detectionLines(seen({ ...median, scenarios }))[0]).toContain("and 495 more");
  });
});
