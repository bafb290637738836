import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "faster-path",
  describe: "One help page is context enough",
  careless: false,
  expected: NOWHERE,
  edits: [{ file: "server.ts", find: "limit: 2 }", replace: "limit: 1 }" }],
};
