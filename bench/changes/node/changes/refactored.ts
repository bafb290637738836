import { NOWHERE, type PullRequest } from "../../pull-request.ts";

export const change: PullRequest = {
  name: "refactored",
  describe: "Read the body in one go",
  careless: false,
  expected: NOWHERE,
  edits: [
    {
      file: "server.ts",
      find: `  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");
  }
`,
      replace: `  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");
`,
    },
  ],
};
