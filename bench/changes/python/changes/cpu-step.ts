import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "cpu-step",
  describe: "Sign every answer with a key derived for it",
  careless: true,
  expected: { scenarios: ["starved"], edge: null },
  edits: [
    {
      file: "server.py",
      find: `        context = find_context(question, traceparent)
`,
      replace: `        key = question
        for _ in range(15_000):
            key = str(hash((key, question)))
        context = find_context(question, traceparent)
`,
    },
  ],
};
