import { access, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { proposeSuite } from "../../config/init/propose.ts";
import { SquallError } from "../../core/errors.ts";
import { readTelling } from "./init-files.ts";

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Writes squall.yml, chaos/requests.jsonl and .github/workflows/squall.yml, unless they exist. */
export const init = async (directory: string, options: { readonly force: boolean }): Promise<number> => {
  const proposal = proposeSuite(await readTelling(directory));
  const outputs: readonly (readonly [string, string])[] = [
    ["squall.yml", proposal.suite],
    [path.join("chaos", "requests.jsonl"), proposal.requests],
    [path.join(".github", "workflows", "squall.yml"), proposal.workflow],
  ];
  const present: string[] = [];
  for (const [name] of outputs) if (await exists(path.join(directory, name))) present.push(name);
  if (present.length > 0 && !options.force) {
    throw new SquallError(
      "argument-invalid",
      `${present.join(", ")} exist${present.length === 1 ? "s" : ""} already; nothing was written.`,
      {
        remedy: "Remove them, or overwrite them with --force.",
      },
    );
  }
  for (const [name, content] of outputs) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`wrote ${name}\n`);
  }
  const here = path.resolve(directory) === process.cwd();
  process.stdout.write(
    [
      "",
      "What was guessed, and from where:",
      ...proposal.notes.map((note) => `- ${note}`),
      "",
      `next: read squall.yml, then \`squall validate\`, then \`squall run\` (about two minutes) to see it work${here ? "" : `, in ${directory}`}`,
      "",
    ].join("\n"),
  );
  return 0;
};
