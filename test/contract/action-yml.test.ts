/** action.yml, the schema of its inputs, and its documentation say the same; and it is an action by the published schema. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { INPUT_NAMES, inputText, parseActionInputs } from "../../src/config/action/inputs.ts";
import { ACTION_OUTPUTS, actionOutputs } from "../../src/config/action/outputs.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");
const action = parse(read("action.yml")) as {
  readonly inputs: Readonly<
    Record<string, { readonly default: string; readonly description: string; readonly required: boolean }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
};

test("inputs, their defaults and descriptions are the schema's", () => {
  expect(Object.keys(action.inputs)).toEqual(INPUT_NAMES);
  for (const name of INPUT_NAMES) {
    const { description, fallback } = inputText(name);
    expect(action.inputs[name]).toEqual({ description, required: false, default: fallback });
  }
});

test("outputs are those that are set", () => {
  expect(Object.keys(action.outputs)).toEqual(Object.keys(actionOutputs(null, {})));
  for (const [name, description] of Object.entries(ACTION_OUTPUTS))
    expect(action.outputs[name]?.description).toBe(description);
});

test("every default is taken by the schema, and an empty input means its default", () => {
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [
      name,
      input.default.replace("${{ github.token }}", "t"),
    ]),
  );
  const empty = Object.fromEntries(INPUT_NAMES.map((name) => [name, name === "token" ? "t" : ""]));
  expect(parseActionInputs(defaults)).toEqual(parseActionInputs(empty));
});

test("runs on node24 from files that are there", () => {
  expect(action.runs.using).toBe("node24");
  for (const file of [action.runs.main, action.runs.post])
    expect(existsSync(path.join(ROOT, file))).toBe(true);
});

test("is an action by the published schema", () => {
  const schema: unknown = JSON.parse(read("test/fixtures/schemas/github-action.json"));
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
    schema as object,
  );
  expect(validate(action) ? [] : validate.errors).toEqual([]);
  expect(validate({ name: "x" })).toBe(false);
});

test("docs/action.md names every input and output", () => {
  const page = read("docs/action.md");
  for (const name of [...INPUT_NAMES, ...Object.keys(ACTION_OUTPUTS)])
    expect(page).toContain(`| \`${name}\` |`);
});
