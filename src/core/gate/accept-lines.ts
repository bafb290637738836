/** The line in a pull request's description by which a regression is accepted: written and read here. */

/** One line that was read. */
export interface AcceptLine {
  /** Of a commit: lower case, 7 digits or more. */
  readonly sha: string;
  /** Ids of findings (`findingId`), or "all". */
  readonly findings: readonly string[];
}

/** Stands for every finding there is. */
export const EVERY_FINDING = "all";

/** GitHub takes no longer description; what a line of ours could say ends far before it. */
const MOST_CHARACTERS = 65_536;
const MOST_LINES = 100;
const MOST_FINDINGS = 200;

/** Twelve digits: long enough that nobody makes another commit that begins so by accident. */
const SHA_DIGITS = 12;

/** What stands for itself in a line. Everything else, blanks among it, is percent-encoded as UTF-8. */
const SPECIAL = /[^A-Za-z0-9._~:@/+-]/gu;

const percent = (character: string): string =>
  encodeURIComponent(character).replaceAll(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const encoded = (finding: string): string => finding.toWellFormed().replaceAll(SPECIAL, percent);

/** A wrong encoding stays as it is, and then names no finding. */
const decoded = (written: string): string => {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
};

/**
 * `squall: accept 0123456789ab llm-rate-limited/regression`: what `acceptLines` reads.
 *
 * @param findings ids; blanks and other special characters of scenario names are percent-encoded
 */
export const acceptLine = (headSha: string, findings: readonly string[]): string =>
  ["squall: accept", headSha.slice(0, SHA_DIGITS), ...findings.map(encoded)].join(" ");

/** List markers (a ticked box too) that may stand before the line. */
const MARKERS = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[xX]\]\s+)?)*/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})/;
const LINE = /^squall\s*:\s*accept\s+([0-9a-f]{7,64})\s+(\S.*)$/i;

/** A line without its HTML comments, and whether one is still open at its end. */
const withoutComments = (line: string): { readonly text: string; readonly isOpen: boolean } => {
  let text = "";
  let at = 0;
  for (;;) {
    const start = line.indexOf("<!--", at);
    if (start < 0) return { text: text + line.slice(at), isOpen: false };
    text += line.slice(at, start);
    // `<!-->` is a whole comment.
    const end = line.indexOf("-->", start + 2);
    if (end < 0) return { text, isOpen: true };
    at = end + 3;
  }
};

interface Fence {
  readonly mark: string;
  /** Columns by which its closing line may be indented. */
  readonly indent: number;
}

const opens = (line: string): Fence | null => {
  const indent = MARKERS.exec(line)?.[0].length ?? 0;
  const mark = FENCE.exec(line.slice(indent))?.[1];
  return mark === undefined ? null : { mark, indent: indent + 3 };
};

const closes = (line: string, { mark, indent }: Fence): boolean => {
  const [, blanks = "", found = ""] = /^(\s*)(`+|~+)\s*$/.exec(line) ?? [];
  return found.startsWith(mark) && blanks.length <= indent;
};

/** Lines of a Markdown text that are read as text: not in a code fence, nor in an HTML comment. */
function* textLines(markdown: string): Generator<string> {
  let fence: Fence | null = null;
  let inComment = false;
  for (const line of markdown.split(/\r\n|\r|\n/)) {
    if (inComment) {
      // What follows the end of the comment on its line is part of the same block of HTML.
      const end = line.indexOf("-->");
      if (end >= 0) inComment = withoutComments(line.slice(end + 3)).isOpen;
    } else if (fence !== null) {
      if (closes(line, fence)) fence = null;
    } else {
      fence = opens(line);
      if (fence !== null) continue;
      const { text, isOpen } = withoutComments(line);
      inComment = isOpen;
      yield text;
    }
  }
}

/**
 * Lines `squall: accept <sha> <finding id> ...` (or `all`) of a description, wherever they stand, in a list or not; not in
 * HTML comments, code fences and quotations. Takes anything; looks at no more than 64 Ki characters.
 */
export const acceptLines = (description: string): AcceptLine[] => {
  // A line that is cut off could name another finding than was meant.
  const text =
    description.length > MOST_CHARACTERS
      ? description.slice(0, description.lastIndexOf("\n", MOST_CHARACTERS) + 1)
      : description;
  const lines: AcceptLine[] = [];
  for (const line of textLines(text)) {
    const match = LINE.exec(line.replace(MARKERS, "").trimEnd());
    if (match === null) continue;
    const [, sha = "", ids = ""] = match;
    const findings = ids.split(/\s+/).slice(0, MOST_FINDINGS).map(decoded);
    lines.push({ sha: sha.toLowerCase(), findings });
    if (lines.length === MOST_LINES) break;
  }
  return lines;
};
