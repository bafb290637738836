import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "breaker-gone",
  describe: "Remove the breaker: retries are enough",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "upstream.ts",
      find: `    if (!this.#breaker.admits()) throw new Unavailable("the breaker is open");
`,
      replace: "",
    },
  ],
};
