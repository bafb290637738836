import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "retry-storm",
  describe: "Try harder: five times, at once",
  careless: true,
  expected: { scenarios: ["llm-fails", "llm-rate-limited", "llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "upstream.py",
      find: `ATTEMPTS = 2
`,
      replace: `ATTEMPTS = 5
`,
    },
    {
      file: "upstream.py",
      find: `BACK_OFF_S = 0.05
`,
      replace: `BACK_OFF_S = 0.0
`,
    },
  ],
};
