import { expect, test } from "vitest";
import { shortReasons } from "../../../src/core/judge/window-reasons.ts";

const late = (ms: number | string, limit = 5): string =>
  `requests left ${ms} ms late (p99), more than ${limit} ms: the machine was too busy to measure`;

test("windows whose requests left late are one reason, with the least and the most lateness", () => {
  expect(shortReasons([late(43.5), late(9), late(391.9)])).toEqual([late("9 to 391.9")]);
});

test("one lateness stays as it is, and other limits and reasons stay apart, in their order", () => {
  const other = "fault without effect: llm saw 3 calls and struck none";
  expect(shortReasons([other, late(7), late(7), late(8, 6), other])).toEqual([other, late(7), late(8, 6)]);
});
