import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "retries-gone",
  describe: "Simplify the client: the provider's own SDK would retry for us",
  careless: true,
  expected: {
    scenarios: ["llm-fails", "llm-rate-limited", "llm-hangs", "vector-resets", "llm-down", "vector-down"],
    edge: "llm",
  },
  edits: [{ file: "upstream.ts", find: "const ATTEMPTS = 2;", replace: "const ATTEMPTS = 1;" }],
};
