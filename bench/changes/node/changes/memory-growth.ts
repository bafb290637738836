import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "memory-growth",
  describe: "Keep every answer's context, for the support team",
  careless: true,
  expected: {
    scenarios: [
      "control",
      "vector-slow",
      "llm-rate-limited",
      "llm-fails",
      "llm-hangs",
      "vector-resets",
      "llm-cut",
      "llm-garbled",
      "starved",
      "clients-hang-up",
      "llm-down",
      "vector-down",
      "killed",
    ],
    edge: null,
  },
  edits: [
    {
      file: "server.ts",
      find: "const findContext = async",
      replace: `const kept: { question: string; embedding: readonly number[]; words: string[] }[] = [];

const findContext = async`,
    },
    {
      file: "server.ts",
      find: `  const embedding = await embed(llm, question, caller);
`,
      replace: `  const embedding = await embed(llm, question, caller);
  kept.push({ question, embedding, words: Array.from({ length: 2_500 }, (_, at) => \`\${question[at % 9]}\${at}\`) });
`,
    },
  ],
};
