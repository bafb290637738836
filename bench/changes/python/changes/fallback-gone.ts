import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "fallback-gone",
  describe: "Remove the canned answer: nobody wants to read it",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "server.py",
      find: `    except Unavailable:
        if begun:
            raise
        yield FALLBACK, "stop", "fallback"
`,
      replace: `    except Unavailable:
        raise
`,
    },
  ],
};
