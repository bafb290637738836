import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "timeout-60s",
  describe: "Long answers were cut off: raise the deadline",
  careless: true,
  expected: { scenarios: ["llm-hangs"], edge: "llm" },
  edits: [
    {
      file: "upstream.py",
      find: `CALL_DEADLINE_S = 0.8
`,
      replace: `CALL_DEADLINE_S = 60.0
`,
    },
  ],
};
