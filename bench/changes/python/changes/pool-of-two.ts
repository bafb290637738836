import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "pool-of-two",
  describe: "Bound the connections to each dependency",
  careless: true,
  expected: { scenarios: ["llm-hangs", "clients-hang-up", "starved", "llm-rate-limited"], edge: "llm" },
  edits: [
    {
      file: "upstream.py",
      find: `POOL_SIZE = 64
`,
      replace: `POOL_SIZE = 2
`,
    },
  ],
};
