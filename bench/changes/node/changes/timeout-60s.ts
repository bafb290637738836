import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "timeout-60s",
  describe: "Long answers were cut off: raise the deadline",
  careless: true,
  expected: { scenarios: ["llm-hangs"], edge: "llm" },
  edits: [
    {
      file: "upstream.ts",
      find: "const CALL_DEADLINE_MS = 800;",
      replace: "const CALL_DEADLINE_MS = 60_000;",
    },
  ],
};
