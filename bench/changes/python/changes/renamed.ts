import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "renamed",
  describe: "Rename the upstream's internals",
  careless: false,
  expected: NOWHERE,
  edits: [
    { file: "upstream.py", find: "    def _connection(self)", replace: "    def _idle_or_new(self)" },
    { file: "upstream.py", find: "self._connection()", replace: "self._idle_or_new()" },
  ],
};
