import { access, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { proposeSuite } from "../../config/init/propose.ts";
import { SquallError } from "../../core/errors.ts";

/** Files that tell what a repository is. Only these are read; nothing is executed. */
const TELLING =
  /^(Dockerfile|(docker-)?compose\.ya?ml|package\.json|pyproject\.toml|requirements\.txt|Procfile|(openapi|swagger)\.(json|ya?ml))$/i;
const LARGEST_FILE_BYTES = 2 * 1024 * 1024;

const readTelling = async (directory: string): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  for (const folder of [".", "docs", "api"]) {
    const names = await readdir(path.join(directory, folder)).catch(() => []);
    for (const name of names) {
      if (!TELLING.test(name)) continue;
      const relative = path.join(folder, name);
      const file = path.join(directory, relative);
      const { size } = await stat(file);
      if (size <= LARGEST_FILE_BYTES) files.set(relative, await readFile(file, "utf8"));
    }
  }
  return files;
};

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
  for (const note of proposal.notes) process.stdout.write(`- ${note}\n`);
  process.stdout.write(
    "next: read squall.yml, then `squall validate`, then `squall baseline`, then `squall run`\n",
  );
  return 0;
};
