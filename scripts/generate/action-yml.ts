/** action.yml, and the tables of inputs and outputs, from config/action. */
import { stringify } from "yaml";
import { INPUT_NAMES, inputText } from "../../src/config/action/inputs.ts";
import { ACTION_OUTPUTS } from "../../src/config/action/outputs.ts";

export const actionYml = (): string =>
  `# Generated from src/config/action by \`npm run generate\`.\n${stringify(
    {
      name: "squall: pre-merge chaos gate",
      description:
        "Is this change less resilient than what is on main, under which fault, by how much, and how sure are we? For services around AI models.",
      author: "squall",
      branding: { icon: "wind", color: "blue" },
      inputs: Object.fromEntries(
        INPUT_NAMES.map((name) => {
          const { description, fallback } = inputText(name);
          return [name, { description, required: false, default: fallback }];
        }),
      ),
      outputs: Object.fromEntries(
        Object.entries(ACTION_OUTPUTS).map(([name, description]) => [name, { description }]),
      ),
      runs: { using: "node24", main: "dist/action.mjs", post: "dist/action-post.mjs", "post-if": "always()" },
    },
    { lineWidth: 0 },
  )}`;

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const inputsTable = (): string =>
  [
    row("input", "default", "meaning"),
    row("---", "---", "---"),
    ...INPUT_NAMES.map((name) => {
      const { description, fallback } = inputText(name);
      return row(`\`${name}\``, fallback === "" ? "" : `\`${fallback}\``, description);
    }),
  ].join("\n");

const outputsTable = (): string =>
  [
    row("output", "meaning"),
    row("---", "---"),
    ...Object.entries(ACTION_OUTPUTS).map(([name, description]) => row(`\`${name}\``, description)),
  ].join("\n");

const between = (text: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/action.md has no place for ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
};

/** The page as it stands, with its tables made anew. */
export const actionPage = (page: string): string =>
  between(between(page, "inputs", inputsTable()), "outputs", outputsTable());
