/**
 * Writes what is generated from the schema and the catalogue: docs/schema/*.schema.json, docs/suite.md,
 * docs/faults.md, docs/packs.md, action.yml and the tables of docs/action.md. With `--check` nothing is written, and a difference ends with exit code 1.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { resultJsonSchema } from "../src/config/result-file.ts";
import { actionPage, actionYml } from "./generate/action-yml.ts";
import { faultsPage } from "./generate/faults-page.ts";
import { packsPage } from "./generate/packs-page.ts";
import { suiteJsonSchema } from "./generate/suite-json-schema.ts";
import { suitePage } from "./generate/suite-page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const schema = suiteJsonSchema("inline");
const generated: Readonly<Record<string, string>> = {
  "docs/schema/squall.schema.json": `${JSON.stringify(suiteJsonSchema("ref"), null, 2)}\n`,
  "docs/schema/result.schema.json": `${JSON.stringify(resultJsonSchema(), null, 2)}\n`,
  "docs/suite.md": suitePage(schema),
  "docs/faults.md": faultsPage(schema),
  "docs/packs.md": packsPage(),
  "action.yml": actionYml(),
  "docs/action.md": actionPage(await readFile(path.join(root, "docs/action.md"), "utf8")),
};

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [name, content] of Object.entries(generated)) {
  const file = path.join(root, name);
  const present = await readFile(file, "utf8").catch(() => null);
  if (present === content) continue;
  stale.push(name);
  if (check) continue;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
if (check && stale.length > 0) {
  process.stderr.write(
    `not up to date: ${stale.join(", ")}\nremedy: npm run generate, and commit the result\n`,
  );
  process.exitCode = 1;
} else {
  process.stdout.write(
    stale.length === 0 ? "generated files are up to date\n" : `wrote ${stale.join(", ")}\n`,
  );
}
