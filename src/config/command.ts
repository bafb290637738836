import type { Reading } from "./quantities.ts";

const LONGEST = 8192;

/** Characters that mean something to a shell, outside quotes. */
const OPERATOR = /^(\|\|?|&&?|;|>>?|<<?|`|\$\()/;

const shellRemedy = (line: string): string =>
  `No shell reads commands. If you need one, say so: ["sh", "-c", ${JSON.stringify(line)}].`;

/**
 * Splits a command line into argv the way a shell would, without one: blanks separate, single and double quotes hold
 * together, a backslash takes the next character as it is. Pipes, redirections and substitutions are refused.
 */
const splitLine = (line: string): Reading<readonly string[]> => {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quote !== null) {
      if (character === quote) quote = null;
      else if (character === "\\" && quote === '"' && /["\\$`]/.test(line.charAt(index + 1)))
        word = (word ?? "") + line.charAt(++index);
      else word = (word ?? "") + character;
      continue;
    }
    const operator = OPERATOR.exec(line.slice(index, index + 2));
    if (operator !== null)
      return { ok: false, message: `"${operator[0]}" is a shell operator`, remedy: shellRemedy(line) };
    if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (character === "\\" && index + 1 < line.length) word = (word ?? "") + line.charAt(++index);
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote !== null) return { ok: false, message: `the quote ${quote} is not closed` };
  if (word !== null) words.push(word);
  return { ok: true, value: words };
};

/** argv from a command line or a list of words. */
export const readCommand = (value: unknown): Reading<readonly string[]> => {
  if (typeof value === "string") {
    if (value.length > LONGEST) return { ok: false, message: "a command is at most 8192 characters" };
    const words = splitLine(value);
    if (!words.ok) return words;
    return argv(words.value);
  }
  if (!Array.isArray(value)) return { ok: false, message: "a command is a text or a list of texts" };
  const words: string[] = [];
  for (const word of value as unknown[]) {
    if (typeof word !== "string" && typeof word !== "number")
      return { ok: false, message: "every word of a command is a text" };
    words.push(String(word));
  }
  return argv(words);
};

const argv = (words: readonly string[]): Reading<readonly string[]> => {
  if (words.length === 0 || words[0] === "") return { ok: false, message: "an empty command" };
  if (words.some((word) => word.includes("\0")))
    return { ok: false, message: "a command cannot hold a NUL character" };
  const first = words[0] ?? "";
  if (/^[A-Za-z_]\w*=/.test(first))
    return {
      ok: false,
      message: `"${first.slice(0, 40).split("=")[0]}=" before a command needs a shell`,
      remedy: "Put variables into env.",
    };
  return { ok: true, value: words };
};
