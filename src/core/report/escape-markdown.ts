import { plainText } from "./plain-text.ts";

/** Zero width space as an entity: breaks what GitHub would turn into a mention, reference or link, and is not seen. */
const BREAK = "&#8203;";

/**
 * In one pass, so that no replacement meets the text of another: HTML and formulas; emphasis, code, tables, links; then
 * what GitHub makes links of: "@name", "#1" and "GH-1", "http://" and "www.", and ":x:", which becomes an image (the last colon
 * may be one of ours, behind the text).
 */
const SPECIAL = /[&<$\\`*_~|[\]]|@|#(?=\d)|GH-(?=\d)|:(?=\/\/)|www(?=\.)|:(?=[\w+-]+(?::|$))/gi;

/**
 * Any text as harmless Markdown that shows it as it is: no HTML, emphasis, code, table cell, link, image, mention,
 * reference, emoji shortcode, formula or comment can begin in it, and it stays on one line.
 *
 * @param most characters kept; a longer text ends in "…"
 */
export const escapeMarkdown = (text: string, most = 300): string =>
  plainText(text, most)
    .replace(SPECIAL, (found) => {
      if (found === "&") return "&amp;";
      if (found === "<") return "&lt;";
      if (found === "$") return "&#36;";
      return /^[\\`*_~|[\]]$/.test(found) ? `\\${found}` : `${found}${BREAK}`;
    })
    // What would begin a heading, quotation, list or rule at a line's start.
    .replace(/^[-+=#>]/, "\\$&")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");

/** A command, or a line to paste, as a code block. The fence is longer than any run of backticks inside. */
export const codeBlock = (text: string, most = 2000, language: "sh" | "text" = "sh"): string => {
  const line = plainText(text, most);
  const longest = Math.max(2, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${line}\n${fence}`;
};
