import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "slow-restart",
  describe: "Warm the caches before listening",
  careless: true,
  expected: { scenarios: ["killed"], edge: null },
  edits: [
    {
      file: "server.ts",
      find: "server.listen({",
      replace: `await new Promise((resolve) => setTimeout(resolve, 4000));
server.listen({`,
    },
  ],
};
