import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "garbage-unseen",
  describe: "A chunk that is no JSON never happens",
  careless: true,
  expected: { scenarios: ["llm-garbled"], edge: "llm" },
  edits: [
    {
      file: "model.py",
      find: "except (ValueError, KeyError, IndexError, TypeError):",
      replace: "except (KeyError, IndexError):",
    },
  ],
};
