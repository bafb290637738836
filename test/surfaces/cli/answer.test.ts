import { expect, test } from "vitest";
import type { VerdictWord } from "../../../src/core/verdict.ts";
import { exitCodeOf } from "../../../src/surfaces/cli/answer.ts";
import { resultFor, WORDS } from "../../core/report/results.ts";

type OnInconclusive = "pass" | "warn" | "fail";
type OnNoBaseline = "pass" | "fail";

const ON_INCONCLUSIVE: readonly OnInconclusive[] = ["pass", "warn", "fail"];
const ON_NO_BASELINE: readonly OnNoBaseline[] = ["pass", "fail"];

/** As README and DESIGN promise them. */
const expected = (word: VerdictWord, inconclusive: OnInconclusive, noBaseline: OnNoBaseline): number =>
  ({
    pass: 0,
    regressed: 1,
    invalid: 3,
    inconclusive: inconclusive === "fail" ? 4 : 0,
    "no-baseline": noBaseline === "fail" ? 4 : 0,
  })[word];

const CASES = WORDS.flatMap((word) =>
  ON_INCONCLUSIVE.flatMap((onInconclusive) =>
    ON_NO_BASELINE.map((onNoBaseline) => [word, onInconclusive, onNoBaseline] as const),
  ),
);

test.each(CASES)("%s with onInconclusive %s and onNoBaseline %s", (word, onInconclusive, onNoBaseline) => {
  const code = exitCodeOf(resultFor(word), { onInconclusive, onNoBaseline });
  expect(code).toBe(expected(word, onInconclusive, onNoBaseline));
});
