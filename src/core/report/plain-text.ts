const graphemes = (text: string, most: number): string => {
  // Code points, not UTF-16 units: a cut never leaves half a character.
  if (text.length <= most) return text;
  const points = Array.from(text);
  return points.length <= most ? text : `${points.slice(0, Math.max(0, most - 1)).join("")}…`;
};

/**
 * Any text on one line, without control characters, escapes, direction overrides and invisible characters, at most `most`
 * characters long: what every surface does first with names from a suite, a commit or a stored file.
 */
export const plainText = (text: string, most = 300): string => {
  // Nearly all texts are this plain; the classes below are slow.
  if (text.length <= most && /^[!-~](?:[ -~]*[!-~])?$/.test(text) && !text.includes("  ")) return text;
  return graphemes(
    text
      .toWellFormed()
      // A cut before the costly part: a name may be megabytes long.
      .slice(0, most * 8)
      .toWellFormed()
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
      // Format characters (bidi, zero width, tags), private use and unassigned: none belongs in a name.
      .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, "")
      .trim(),
    most,
  );
};
