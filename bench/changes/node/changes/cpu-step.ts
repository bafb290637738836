import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "cpu-step",
  describe: "Sign every answer with a key derived for it",
  careless: true,
  expected: { scenarios: ["starved"], edge: null },
  edits: [
    {
      file: "server.ts",
      find: `    const context = await findContext(question, caller);
`,
      replace: `    pbkdf2Sync(question, "answers", 40_000, 32, "sha256");
    const context = await findContext(question, caller);
`,
    },
    {
      file: "server.ts",
      find: "import { createServer,",
      replace: `import { pbkdf2Sync } from "node:crypto";
import { createServer,`,
    },
  ],
};
