import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "ready-lies",
  describe: "Readiness flapped: answer as soon as the process is up",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "server.py",
      find: `return llm.is_up("/v1/models") and vector.is_up("/healthz")`,
      replace: "return True",
    },
  ],
};
