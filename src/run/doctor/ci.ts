import { readCiEnvironment } from "../../config/ci-environment.ts";
import type { Question } from "./check.ts";

/** Names the CI and what it tells; no values of variables beyond branch names. */
export const ci = (env: Readonly<Record<string, string | undefined>>): Question => ({
  name: "CI",
  neededFor: "knowing which change is measured, and where it starts from",
  otherwise: { state: "warn", remedy: "Name what the change starts from with --base." },
  look: async () => {
    const facts = readCiEnvironment(env);
    if (facts === null) return { state: "ok", found: "none that squall knows" };
    const change = facts.pullRequest === undefined ? "no pull request" : `pull request ${facts.pullRequest}`;
    const target = facts.targetBranch === undefined ? "" : ` into ${facts.targetBranch}`;
    return { state: "ok", found: `${facts.name}, ${change}${target}` };
  },
});
