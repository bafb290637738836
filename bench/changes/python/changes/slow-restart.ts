import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "slow-restart",
  describe: "Warm the caches before listening",
  careless: true,
  expected: { scenarios: ["killed"], edge: null },
  edits: [
    {
      file: "server.py",
      find: `if __name__ == "__main__":
`,
      replace: `if __name__ == "__main__":
    __import__("time").sleep(4)
`,
    },
  ],
};
