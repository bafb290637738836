import { plainText } from "./plain-text.ts";

/** Zero width space as an entity: breaks what GitHub would turn into a mention, reference or link, and is not seen. */
const BREAK = "&#8203;";

/**
 * Any text as harmless Markdown that shows it as it is: no HTML, emphasis, code, table cell, link, image, mention,
 * reference, emoji shortcode, formula or comment can begin in it, and it stays on one line.
 *
 * @param most characters kept; a longer text ends in "…"
 */
export const escapeMarkdown = (text: string, most = 300): string =>
  plainText(text, most)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_~|[\]]/g, "\\$&")
    .replaceAll("$", "&#36;")
    // "#1" and "GH-1" are references, "http://", "www." and "mailto:" become links, ":x:" an image.
    .replaceAll("@", `@${BREAK}`)
    .replace(/#(?=\d)/g, `#${BREAK}`)
    .replace(/\bGH-(?=\d)/gi, `$&${BREAK}`)
    .replaceAll("://", `:${BREAK}//`)
    .replace(/\bwww\./gi, `www${BREAK}.`)
    .replace(/:(?=[\w+-]+:)/g, `:${BREAK}`)
    // What would begin a heading, list or rule at a line's start.
    .replace(/^[-+=#]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");

/** A command as a code block. The fence is longer than any run of backticks inside. */
export const codeBlock = (text: string, most = 2000): string => {
  const line = plainText(text, most);
  const longest = Math.max(2, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sh\n${line}\n${fence}`;
};
