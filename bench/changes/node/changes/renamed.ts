import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "renamed",
  describe: "Rename the upstream's internals",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.ts",
      find: "const findContext = async (question",
      replace: "const contextFor = async (question",
    },
    {
      file: "server.ts",
      find: "await findContext(question, caller)",
      replace: "await contextFor(question, caller)",
    },
  ],
};
