import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "retry-after-uncapped",
  describe: "Wait as long as the provider asks",
  careless: true,
  expected: { scenarios: ["llm-rate-limited"], edge: "llm" },
  edits: [
    { file: "upstream.py", find: "return min(asked, LONGEST_RETRY_WAIT_S)", replace: "return asked" },
    {
      file: "upstream.py",
      find: `LONGEST_RETRY_WAIT_S = 0.3
`,
      replace: "",
    },
  ],
};
