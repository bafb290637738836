import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "retry-after-uncapped",
  describe: "Wait as long as the provider asks",
  careless: true,
  expected: { scenarios: ["llm-rate-limited"], edge: "llm" },
  edits: [
    {
      file: "upstream.ts",
      find: "waitMs = Math.min(askedMs, LONGEST_RETRY_WAIT_MS);",
      replace: "waitMs = askedMs;",
    },
    {
      file: "upstream.ts",
      find: `const LONGEST_RETRY_WAIT_MS = 300;
`,
      replace: "",
    },
  ],
};
