import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "refactored",
  describe: "Build the context in a function of its own",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.py",
      find: `    return "\\n\\n".join(hit["text"] for hit in hits)
`,
      replace: `    return joined(hits)


def joined(hits: list[dict]) -> str:
    return "\\n\\n".join([hit["text"] for hit in hits])
`,
    },
  ],
};
