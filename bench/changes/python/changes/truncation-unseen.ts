import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "truncation-unseen",
  describe: "Some providers send no finish reason: do not insist",
  careless: true,
  expected: { scenarios: ["llm-cut"], edge: "llm" },
  edits: [
    {
      file: "model.py",
      find: `    if finish is None:
        raise Unavailable("the stream ended without a finish reason")
`,
      replace: `    if finish is None:
        return
`,
    },
  ],
};
