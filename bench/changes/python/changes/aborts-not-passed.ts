import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "aborts-not-passed",
  describe: "Let the model finish when the client leaves: the answer may be cached one day",
  careless: true,
  expected: { scenarios: ["clients-hang-up"], edge: "llm" },
  edits: [
    {
      file: "server.py",
      find: `            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
`,
      replace: `            except (BrokenPipeError, ConnectionResetError):
                cached = "".join(text for text, _, _ in pieces)
                self.log_message("kept %d characters", len(cached))
                self.close_connection = True
`,
    },
  ],
};
