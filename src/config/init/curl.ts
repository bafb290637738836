/** Requests from the `curl` commands of a README. Nothing is run: a command is read word by word, without a shell. */

import type { SampleRequest } from "./openapi.ts";
import { isProse } from "./places.ts";

const LONGEST = 4000;
const MOST_COMMANDS = 40;
const MOST_REQUESTS = 20;

/** Words up to the end of the command: a line's end outside quotes, a pipe, a redirection. */
const wordsOf = (text: string): string[] | null => {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let index = 0; index < Math.min(text.length, LONGEST); index++) {
    const character = text.charAt(index);
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && /["\\$`]/.test(text.charAt(index + 1)))
        word = (word ?? "") + text.charAt(++index);
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "\\") {
      const rest = /^\\[ \t]{0,4}\r?\n/.exec(text.slice(index, index + 8))?.[0];
      if (rest === undefined) word = (word ?? "") + text.charAt(++index);
      else index += rest.length - 1;
    } else if (/[\n|;>`]/.test(character) || text.startsWith("&&", index)) break;
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") return null;
  return word === null ? words : [...words, word];
};

/** Options of curl with a word of their own behind them that says nothing about the request. */
const TAKES_A_WORD =
  /^(?:-[oAumbce]|--(?:output|user-agent|user|max-time|cookie|connect-timeout|retry|cacert))$/;
/** Its own machine, a name made up for a README, or a variable. Other hosts are other services. */
const OWN =
  /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\$\{?[A-Z_]{1,40}\}?|<[\w-]{1,40}>)(?::(?:\d{1,5}|\$\{?[A-Z_]{1,40}\}?))?(\/[^\s]*)?$/;
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,2000}$/;

interface Command {
  method: string | null;
  path: string | null;
  data: string | null;
  passedOver: boolean;
}

const read = (words: readonly string[]): Command => {
  const command: Command = { method: null, path: null, data: null, passedOver: false };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const next = (): string => words[++index] ?? "";
    if (word === "-X" || word === "--request") command.method = next().toUpperCase();
    else if (/^-X[A-Z]+$/.test(word)) command.method = word.slice(2);
    else if (/^(?:-d|--data|--data-raw|--data-binary|--data-ascii|--json)$/.test(word)) command.data = next();
    else if (/^(?:-F|--form|-T|--upload-file|-G|--get|--data-urlencode)$/.test(word))
      command.passedOver = true;
    else if (word === "-H" || word === "--header" || TAKES_A_WORD.test(word)) index++;
    else if (word === "--url") command.path ??= OWN.exec(next())?.[1] ?? null;
    else if (!word.startsWith("-")) {
      const match = OWN.exec(word);
      if (match !== null) command.path ??= match[1] ?? "/";
    }
  }
  return command;
};

const bodyOf = (data: string | null): { readonly body?: unknown } | null => {
  if (data === null) return {};
  try {
    const body: unknown = JSON.parse(data);
    return { body };
  } catch {
    return null;
  }
};

/** The name of one request: what it asks for, and its place in the set. */
export const requestId = (index: number, method: string, path: string): string => {
  const words = `${method}-${path.split("?")[0] ?? ""}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${String(index + 1).padStart(2, "0")}-${words.slice(0, 50)}`;
};

/** GETs and POSTs with JSON, each once, as the READMEs show them. Nothing that deletes or puts. */
export const requestsOfProse = (
  files: ReadonlyMap<string, string>,
): { readonly requests: readonly SampleRequest[]; readonly seenIn?: string } => {
  const requests: SampleRequest[] = [];
  const seen = new Set<string>();
  let seenIn: string | undefined;
  for (const [path, text] of [...files].filter(([each]) => isProse(each))) {
    for (const { index } of [...text.matchAll(/(?<=^|[\s`$])curl\s/g)].slice(0, MOST_COMMANDS)) {
      const words = wordsOf(text.slice(index, index + LONGEST));
      if (words === null) continue;
      const command = read(words.slice(1));
      const method = command.method ?? (command.data === null ? "GET" : "POST");
      const body = bodyOf(command.data);
      if (command.path === null || command.passedOver || body === null || !PATH.test(command.path)) continue;
      if (method !== "GET" && method !== "POST") continue;
      const key = JSON.stringify([method, command.path, body]);
      if (seen.has(key) || requests.length >= MOST_REQUESTS) continue;
      seen.add(key);
      seenIn ??= path;
      requests.push({
        id: requestId(requests.length, method, command.path),
        method,
        path: command.path,
        ...body,
      });
    }
  }
  return seenIn === undefined ? { requests } : { requests, seenIn };
};
