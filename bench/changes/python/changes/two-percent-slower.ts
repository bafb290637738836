import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "two-percent-slower",
  describe: "Check every question for banned words",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.py",
      find: `        context = find_context(question, traceparent)
`,
      replace: `        __import__("time").sleep(0.001)
        context = find_context(question, traceparent)
`,
    },
  ],
};
