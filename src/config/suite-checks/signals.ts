import { quoted } from "../problems.ts";
import { at, clash, type SuiteCheck } from "./check.ts";

const SOURCES = ["path", "metric", "log"] as const;
const OF_METRIC = ["labels", "at", "counter", "above", "below"] as const;

/** Each signal is one thing with a name of its own, and its bounds leave room for calm. */
export const signalsFit: SuiteCheck = ({ service }, { problem }) => {
  const first = new Map<string, number>();
  for (const [index, signal] of (service?.signals ?? []).entries()) {
    const path = ["service", "signals", index];
    const before = first.get(signal.name);
    if (before === undefined) first.set(signal.name, index);
    else
      problem(
        at([...path, "name"], {
          code: "duplicate",
          found: quoted(signal.name),
          message: `signals[${before}] has this name already`,
          allowed: "a name of its own",
        }),
      );
    const named = SOURCES.filter((key) => signal[key] !== undefined);
    if (named.length !== 1)
      problem(
        at(path, {
          code: named.length === 0 ? "missing-key" : "conflict",
          found: named.length === 0 ? "none of them" : named.join(" and "),
          message: "A signal must say what is looked at",
          allowed: `exactly one of ${SOURCES.join(", ")}`,
          remedy: "Write `path: /healthz`, `metric: http_errors_total` or `log: ERROR`.",
        }),
      );
    if (signal.metric === undefined)
      for (const key of OF_METRIC)
        if (signal[key] !== undefined)
          problem(clash([...path, key], `${key} goes with metric`, "beside metric", "Remove it."));
    const { above = Number.POSITIVE_INFINITY, below = Number.NEGATIVE_INFINITY } = signal;
    if (below >= above)
      problem(
        clash(
          [...path, "below"],
          "Every value is below the one bound or above the other",
          "below smaller than above",
        ),
      );
  }
};
