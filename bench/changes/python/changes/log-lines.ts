import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "log-lines",
  describe: "Log every question as JSON",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.py",
      find: "        reply = self._stream if",
      replace: `        print(json.dumps({"question": question}), flush=True)
        reply = self._stream if`,
    },
  ],
};
