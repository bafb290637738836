import type { PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "crash-on-garbage",
  describe: "Count the tokens of every chunk, off the hot path",
  careless: true,
  expected: { scenarios: ["llm-garbled"], edge: "llm" },
  edits: [
    {
      file: "model.ts",
      find: `    const choice = parseChunk(data)?.choices?.[0];
`,
      replace: `    setImmediate(() => {
      tokens += (JSON.parse(data) as Chunk).choices.length;
    });
    const choice = parseChunk(data)?.choices?.[0];
`,
    },
    {
      file: "model.ts",
      find: "const readPieces = async",
      replace: `let tokens = 0;

const readPieces = async`,
    },
  ],
};
