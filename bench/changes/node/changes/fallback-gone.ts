import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "fallback-gone",
  describe: "Remove the canned answer: nobody wants to read it",
  careless: true,
  expected: { scenarios: ["llm-down", "vector-down"], edge: "llm" },
  edits: [
    {
      file: "server.ts",
      find: `if (begun || !(error instanceof Unavailable)) return reply.fail(String(error));
    reply.write(FALLBACK, "fallback");
    reply.end("stop", "fallback");`,
      replace: "reply.fail(String(error));",
    },
    {
      file: "server.ts",
      find: `const FALLBACK = "We can not look that up just now. Please see the help pages, or write to us.";
`,
      replace: "",
    },
    {
      file: "server.ts",
      find: `  let begun = false;
`,
      replace: "",
    },
    {
      file: "server.ts",
      find: `      begun = true;
`,
      replace: "",
    },
    {
      file: "server.ts",
      find: "import { type Caller, readJson, Unavailable, Upstream }",
      replace: "import { type Caller, readJson, Upstream }",
    },
  ],
};
