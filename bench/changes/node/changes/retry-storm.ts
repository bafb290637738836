import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "retry-storm",
  describe: "Try harder: five times, at once",
  careless: true,
  expected: { scenarios: ["llm-fails", "llm-rate-limited", "llm-down", "vector-down"], edge: "llm" },
  edits: [
    { file: "upstream.ts", find: "const ATTEMPTS = 2;", replace: "const ATTEMPTS = 5;" },
    { file: "upstream.ts", find: "const BACK_OFF_MS = 50;", replace: "const BACK_OFF_MS = 0;" },
  ],
};
