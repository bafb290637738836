import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "aborts-not-passed",
  describe: "Let the model finish when the client leaves: the answer may be cached one day",
  careless: true,
  expected: { scenarios: ["clients-hang-up"], edge: "llm" },
  edits: [
    {
      file: "server.ts",
      find: `  response.once("close", () => gone.abort());
`,
      replace: "",
    },
  ],
};
