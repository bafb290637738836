import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "breaker-gone",
  describe: "Remove the breaker: retries are enough",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "upstream.py",
      find: `        if not self._breaker.admits():
            raise Unavailable("the breaker is open")
`,
      replace: "",
    },
  ],
};
