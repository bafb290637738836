import { describe, expect, test } from "vitest";
import { lineReader } from "../../../../src/core/job/progress/reader.ts";
import type { JobLogFormat } from "../../../../src/core/job/workload.ts";
import { recorded, told } from "./told.ts";

/** What a person reads in each of the logs; see fixtures/README.md. */
const LOGS: readonly (readonly [file: string, format: JobLogFormat, told: string])[] = [
  [
    "megatron",
    "megatron",
    "1:10.87654 2:10.7257 3:? skipped@3 4:NaN skipped@4 5:10.6 saving@5 saved@5 6:NaN 7:Infinity saving@7 " +
      "loaded@5 6:10.58 16:10.2 skipped@16 skipped@16",
  ],
  [
    "torchtitan",
    "torchtitan",
    "1:12.23412 10:2.91027 saving@? saved@? 20:NaN saving@? loaded@10 20:2.85 saving@? saved@?",
  ],
  ["torchtitan-2025", "torchtitan", "loaded@400 800:4.7215 saving@? saved@? 810:4.7147"],
  [
    "nanogpt",
    "nanogpt",
    "0:4.2664 1:3.205 2:NaN saving@250 saved@250 250:2.0166 251:-Infinity saving@500 " +
      "loaded@250 saving@250 saved@250 250:2.016 251:2.0123",
  ],
  [
    "hf-trainer",
    "hf-trainer",
    "5:2.9 10:2.8 15:2.7 20:2.6 saving@20 saved@20 22:? 25:2.5 27:? " +
      "loaded@20 25:2.5 30:2.4 35:NaN 40:2.2 saving@40 saved@40 42:? 45:2.1 50:2",
  ],
  ["hf-trainer-quiet", "hf-trainer", "1:1.521 2:1.519 skipped@? 3:NaN 4:1.4 3:1.41 4:1.39"],
  [
    "lightning",
    "lightning",
    "1:? 1:2.9 2:? 2:2.8 3:? 3:2.7 saving@3 saved@3 4:? 4:2.6 5:? 5:2.5 6:? 6:2.4 7:? 7:NaN saving@7 saved@7 8:? 8:2.2 " +
      "loaded@7 8:? 8:2.2 9:? 9:2.1 10:? 10:2 11:? 11:1.9 saving@11 saved@11 12:? 12:1.8",
  ],
  [
    "jsonl",
    "jsonl",
    "1:2.31 2:NaN 3:Infinity 4:-Infinity 5:NaN saving@5 saved@5 skipped@6 loaded@5 6:2.11 skipped@6 7:? 9:1.8",
  ],
];

describe("a recorded log is read", () => {
  test.each(LOGS)("%s, its format told", (file, format, expected) => {
    expect(told(lineReader({ format }, {}), ...recorded(file))).toBe(expected);
  });

  test.each(LOGS)("%s, its format found", (file, _, expected) => {
    expect(told(lineReader({ format: "auto" }, {}), ...recorded(file))).toBe(expected);
  });

  test.each(LOGS)("%s: another format makes no step with a loss of it", (file, format) => {
    const others = ["megatron", "torchtitan", "nanogpt", "hf-trainer", "lightning", "jsonl"] as const;
    for (const other of others.filter((one) => one !== format))
      expect(told(lineReader({ format: other }, {}), ...recorded(file))).not.toMatch(/\d:(?!\?)/);
  });
});
