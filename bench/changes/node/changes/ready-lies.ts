import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "ready-lies",
  describe: "Readiness flapped: answer as soon as the process is up",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [{ file: "server.ts", find: "return looks.every(Boolean);", replace: "return looks.length > 0;" }],
};
