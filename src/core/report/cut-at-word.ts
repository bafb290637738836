import { plainText } from "./plain-text.ts";

const ELLIPSIS = "…";

/**
 * Any text on one plain line of at most `most` UTF-16 units, cut behind a word; within one only where it is longer than half
 * of that.
 */
export const cutAtWord = (text: string, most: number): string => {
  const plain = plainText(text, most * 8);
  if (plain.length <= most) return plain;
  const room = plain.slice(0, most - ELLIPSIS.length);
  // A cut between two words is one behind a word.
  const end = plain[room.length] === " " ? room.length : room.lastIndexOf(" ");
  const cut = end > most / 2 ? room.slice(0, end) : room;
  // Half a character at the end is none.
  return `${cut.replace(/[\uD800-\uDBFF]$/, "").replace(/[\s:;,(]+$/, "")}${ELLIPSIS}`;
};
