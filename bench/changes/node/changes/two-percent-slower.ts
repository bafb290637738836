import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "two-percent-slower",
  describe: "Check every question for banned words",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.ts",
      find: `    const context = await findContext(question, caller);
`,
      replace: `    await new Promise((resolve) => setTimeout(resolve, 1));
    const context = await findContext(question, caller);
`,
    },
  ],
};
