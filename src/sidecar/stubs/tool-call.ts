import type { Prompt } from "./answer-text.ts";
import { jsonFromSchema } from "./json-from-schema.ts";

/** A tool as both shapes declare it, in the same words. */
export interface Tool {
  readonly name: string;
  readonly schema: unknown;
}

export type ToolChoice =
  | { readonly type: "auto" }
  | { readonly type: "none" }
  | { readonly type: "required" }
  | { readonly type: "named"; readonly name: string };

export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  readonly value: unknown;
}

/**
 * Which tool is called, if any. `auto` calls one only where the user's last text names it, and not right after a result:
 * so a caller's loop ends, and a request set decides by its words.
 */
export const toolCall = (
  tools: readonly Tool[],
  choice: ToolChoice,
  prompt: Prompt,
  afterResult: boolean,
): ToolCall | null => {
  const tool = chosen(tools, choice, prompt.question, afterResult);
  if (tool === undefined) return null;
  const value = jsonFromSchema(tool.schema ?? { type: "object" }, prompt);
  return { name: tool.name, arguments: JSON.stringify(value), value };
};

const chosen = (
  tools: readonly Tool[],
  choice: ToolChoice,
  question: string,
  afterResult: boolean,
): Tool | undefined => {
  const named = tools.find(({ name }) => mentions(question, name));
  switch (choice.type) {
    case "none":
      return undefined;
    case "named":
      return tools.find(({ name }) => name === choice.name);
    case "required":
      return named ?? tools[0];
    case "auto":
      return afterResult ? undefined : named;
  }
};

/** "get_weather" is named by "get_weather", "get weather" and "Get-Weather". */
const mentions = (text: string, name: string): boolean => {
  const plain = (from: string): string =>
    ` ${from
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim()} `;
  return (
    plain(text).includes(plain(name.replaceAll(/([a-z])([A-Z])/g, "$1 $2"))) ||
    plain(text).includes(plain(name))
  );
};

/** Arguments in pieces of a few characters, as a model streams them. */
export const argumentPieces = (text: string): string[] => text.match(/[\s\S]{1,8}/gu) ?? [];
