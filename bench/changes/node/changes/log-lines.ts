import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "log-lines",
  describe: "Log every question as JSON",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.ts",
      find: `  const { question, stream } = await readQuestion(request);
`,
      replace: `  const { question, stream } = await readQuestion(request);
  console.log(JSON.stringify({ at: Date.now(), question, stream }));
`,
    },
  ],
};
