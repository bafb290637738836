import { SHORTEST_BUDGET_MS } from "../suite-defaults.ts";
import { at, clash, type SuiteCheck } from "./check.ts";

/** Open arrivals have a rate, closed ones a concurrency, recorded ones neither. */
export const arrivalsFit: SuiteCheck = ({ workload }, { problem }) => {
  if (workload === undefined) return;
  const { arrivals, rate, concurrency } = workload;
  if ((arrivals === "closed" || arrivals === "recorded") && rate !== undefined)
    problem(
      clash(
        ["workload", "rate"],
        `arrivals: ${arrivals} takes no rate`,
        arrivals === "closed" ? "concurrency" : "the recorded times (x_at)",
        arrivals === "closed" ? "Remove rate, or write arrivals: constant." : "Remove rate.",
      ),
    );
  if (arrivals !== "closed" && concurrency !== undefined)
    problem(
      clash(
        ["workload", "concurrency"],
        `concurrency does not go with arrivals: ${arrivals}`,
        "rate, or arrivals: closed",
      ),
    );
};

/** Deadlines lie inside each other: an inner one beyond the total never fires. */
export const deadlinesNest: SuiteCheck = ({ workload }, { problem, warning }) => {
  if (workload === undefined) return;
  const { deadlines, slo, degraded } = workload;
  for (const name of ["connect", "headers", "firstContent", "silence"] as const) {
    if (deadlines[name] <= deadlines.total) continue;
    warning(
      at(["workload", "deadlines", name], {
        code: "conflict",
        found: `${deadlines[name]} ms`,
        message: `deadlines.${name} never fires: deadlines.total is ${deadlines.total} ms`,
        allowed: `at most ${deadlines.total}ms`,
      }),
    );
  }
  if (slo > deadlines.total)
    warning(
      at(["workload", "slo"], {
        code: "conflict",
        found: `${slo} ms`,
        message: `No answer can be late: deadlines.total is ${deadlines.total} ms`,
        allowed: `at most ${deadlines.total}ms`,
        remedy: "Lower slo, or raise deadlines.total.",
      }),
    );
  if (degraded !== undefined && Object.values(degraded).every((part) => part === undefined))
    problem(
      at(["workload", "degraded"], {
        code: "missing-key",
        found: "an empty map",
        message: "degraded names no marker",
        allowed: "header, json or text",
      }),
    );
};

/** A run that cannot hold a calm pass and one fault measures nothing. */
export const budgetIsEnough: SuiteCheck = ({ budgetMs }, { problem }) => {
  if (budgetMs === undefined || budgetMs >= SHORTEST_BUDGET_MS) return;
  problem(
    at(["gate", "budget"], {
      code: "wrong-value",
      found: `${budgetMs} ms`,
      message: "The budget is too short to measure anything",
      allowed: `at least ${SHORTEST_BUDGET_MS / 1000}s`,
      remedy: "Write 60s for a quick look, 120s for a gate.",
    }),
  );
};
