/** What to do now, in Markdown. */
import type { Result } from "../verdict.ts";
import { type Advice, type AdviceOptions, type AdvicePiece, adviceOf, LONGEST_LINE } from "./advice.ts";
import { codeBlock, escapeMarkdown } from "./escape-markdown.ts";

const inWords = (piece: AdvicePiece): string => {
  if (typeof piece === "string") return piece;
  if ("code" in piece) return `\`${piece.code}\``;
  if (!("name" in piece)) return `**${piece.strong}**`;
  const name = escapeMarkdown(piece.name, piece.most);
  return piece.strong === true ? `**${name}**` : name;
};

const paragraph = (advice: Advice): string => {
  switch (advice.type) {
    case "words":
      return advice.pieces.map(inWords).join("");
    case "block":
      return advice.language === "sh"
        ? codeBlock(advice.text)
        : codeBlock(advice.text, LONGEST_LINE, advice.language);
  }
};

export const whatToDo = (result: Result, options: AdviceOptions): string[] =>
  adviceOf(result, options).map(paragraph);
