import type { Reading } from "../quantities.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** What one value may become: variables may be long, and stand often. */
const LONGEST_CHARACTERS = 65_536;
const LONGEST_EXPRESSION = 4096;
const DEEPEST = 10;

const bad = (message: string, remedy?: string): Reading<string> =>
  remedy === undefined ? { ok: false, message } : { ok: false, message, remedy };

const valueOf = (name: string, variables: Variables): string | undefined =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;

/** Where the brace that begins at `start` ends; -1 where it does not. */
const endOfBrace = (text: string, start: number): number => {
  const last = Math.min(text.length, start + LONGEST_EXPRESSION);
  let depth = 0;
  for (let index = start; index < last; index++) {
    if (text.startsWith("${", index)) depth++;
    else if (text[index] === "}" && --depth === 0) return index;
  }
  return -1;
};

/** The inside of `${…}`: a name, and what to do where it is not set (`-`, `?`, `+`) or empty (the same with a colon). */
const braced = (inner: string, variables: Variables, depth: number): Reading<string> => {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([\s\S]*))?$/.exec(inner);
  const [, name = "", operator = "", rest = ""] = match ?? [];
  if (match === null)
    return bad(`"\${${inner.slice(0, 40)}}" is no variable`, "Write ${NAME} or ${NAME:-default}.");
  const value = valueOf(name, variables);
  const missing = value === undefined || (operator.startsWith(":") && value === "");
  switch (operator.at(-1)) {
    case "-":
      return missing ? expand(rest, variables, depth + 1) : { ok: true, value };
    case "+":
      return missing ? { ok: true, value: "" } : expand(rest, variables, depth + 1);
    case "?":
      return missing
        ? bad(
            `The variable ${name} is not set${rest === "" ? "" : `: ${rest.slice(0, 200)}`}`,
            `Set ${name}.`,
          )
        : { ok: true, value };
    default:
      return { ok: true, value: value ?? "" };
  }
};

const expand = (text: string, variables: Variables, depth: number): Reading<string> => {
  if (depth > DEEPEST) return bad("Variables are nested too deeply");
  let result = "";
  for (let index = 0; index < text.length; ) {
    const next = text.indexOf("$", index);
    result += next < 0 ? text.slice(index) : text.slice(index, next);
    if (result.length > LONGEST_CHARACTERS)
      return bad(`Variables make this longer than ${LONGEST_CHARACTERS} characters`);
    if (next < 0) break;
    if (text[next + 1] === "$") {
      result += "$";
      index = next + 2;
      continue;
    }
    if (text[next + 1] === "{") {
      const end = endOfBrace(text, next);
      if (end < 0) return bad("A variable's brace is not closed", "Write $$ for a plain dollar sign.");
      const inner = braced(text.slice(next + 2, end), variables, depth);
      if (!inner.ok) return inner;
      result += inner.value;
      index = end + 1;
      continue;
    }
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(next + 1, next + 201))?.[0];
    if (name === undefined)
      return bad("A dollar sign begins no variable", "Write $$ for a plain dollar sign.");
    result += valueOf(name, variables) ?? "";
    index = next + 1 + name.length;
  }
  return { ok: true, value: result };
};

/**
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?words}`, `${NAME:+instead}` and `$$`, as compose
 * fills them in: a variable that is not set is an empty text. Defaults may hold variables.
 */
export const interpolate = (text: string, variables: Variables): Reading<string> =>
  text.includes("$") ? expand(text, variables, 0) : { ok: true, value: text };
