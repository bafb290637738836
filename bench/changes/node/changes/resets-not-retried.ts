import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "resets-not-retried",
  describe: "A POST is not idempotent: never repeat it after a broken connection",
  careless: true,
  expected: { scenarios: ["vector-resets", "llm-hangs"], edge: "vector" },
  edits: [
    {
      file: "upstream.ts",
      find: `        if (caller.signal.aborted) throw error;
        reason = String(error);
`,
      replace: `        if (caller.signal.aborted) throw error;
        throw new Unavailable(String(error));
`,
    },
  ],
};
