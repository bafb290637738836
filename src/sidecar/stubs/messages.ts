import type { Prompt } from "./answer-text.ts";
import { isObject } from "./stub.ts";

export interface Message {
  readonly role: string;
  /** A string, or parts of which some hold text. */
  readonly content: unknown;
}

/** Messages of a request, or null where they are none. */
export const readMessages = (value: unknown): Message[] | null => {
  if (!Array.isArray(value) || value.length === 0) return null;
  const messages: Message[] = [];
  for (const item of value as unknown[]) {
    if (!isObject(item) || typeof item["role"] !== "string") return null;
    messages.push({ role: item["role"], content: item["content"] });
  }
  return messages;
};

/** All text of a content: OpenAI's and Anthropic's parts both say `text`; a tool's result nests its own content. */
export const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as unknown[])
    .map((part) => {
      if (!isObject(part)) return "";
      if (typeof part["text"] === "string") return part["text"];
      return part["type"] === "tool_result" ? textOf(part["content"]) : "";
    })
    .filter((text) => text !== "")
    .join("\n");
};

/** Does it hold text of the user's own, rather than results of tools alone? */
const isAsking = ({ role, content }: Message): boolean =>
  role === "user" &&
  (typeof content === "string" ||
    (Array.isArray(content) && content.some((part) => isObject(part) && part["type"] === "text")));

/** The question is the last text of the user; everything else the answer may quote. */
export const promptOf = (system: string, messages: readonly Message[]): Prompt => {
  const asking = messages.findLastIndex(isAsking);
  const question = textOf(messages[asking]?.content);
  const rest = messages.filter((_, index) => index !== asking).map(({ content }) => textOf(content));
  // A question may bring its context along; its last paragraph is what is asked then.
  const paragraphs = question.split(/\n\s*\n/u).filter((text) => text.trim() !== "");
  const asked = paragraphs.length > 1 ? (paragraphs.at(-1) ?? question) : question;
  const brought = paragraphs.length > 1 ? paragraphs.slice(0, -1) : [];
  return {
    question: asked,
    context: [system, ...rest.toReversed(), ...brought].filter((text) => text !== ""),
  };
};
