/** A run that searched one frontier: windows that held, that did not, and one that does not count. */
import type { FrontierRange } from "../../../../src/core/frontier/range.ts";
import { frontierResults } from "../../../../src/core/judge/frontier-results.ts";
import type { FrontierRecord } from "../../../../src/core/profile.ts";
import type { PageInput } from "../../../../src/core/report/page/input.ts";
import { delayRange, latency, searched, sharp } from "../../../support/frontiers.ts";
import { comparison, resultFor } from "../results.ts";
import { profileOf } from "./samples.ts";

export const frontierInput = (
  over: Partial<FrontierRange> = {},
  names: Partial<FrontierRecord> = {},
): { readonly input: PageInput; readonly record: FrontierRecord } => {
  const range = { ...delayRange(), ...over };
  const record: FrontierRecord = {
    name: "llm-far",
    description: "llm latency, delay",
    fault: latency(5000),
    range,
    expect: [{ metric: "errorRate", comparator: "<=", limit: 0.05, text: "errorRate <= 5%" }],
    steps: searched(range, 0.05, sharp(900), 1).map((step, place) =>
      place === 1 ? { ...step, invalid: "busy" } : step,
    ),
    ...names,
  };
  const head = profileOf(new Map(), { frontiers: [record] });
  const result = resultFor("pass");
  return {
    record,
    input: {
      head,
      baselines: [],
      result: {
        ...result,
        frontiers: frontierResults(head),
        verdict: {
          ...result.verdict,
          comparisons: [
            comparison({ scenario: record.name, metric: "frontier", unit: "ms", base: 1880, head: 900 }),
          ],
        },
      },
    },
  };
};
