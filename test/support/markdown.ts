/** Headings and links of a Markdown file, as GitHub makes anchors of them; code is neither. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
  /** Text below it, up to the next heading of any level. */
  readonly body: string;
}

const withoutFences = (text: string): string =>
  text.replace(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^ *\2`*~* *$/gm, "");

/** As GitHub: lower case, letters, digits, hyphens and underscores; blanks become hyphens. */
const slug = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\- _]/gu, "")
    .replaceAll(" ", "-");

export const headingsOf = (markdown: string): Heading[] => {
  const seen = new Map<string, number>();
  return withoutFences(markdown)
    .split(/^(?=#{1,6} )/m)
    .flatMap((part): Heading[] => {
      const match = /^(#{1,6}) +(.*?)(?: +#+)? *$/m.exec(part.split("\n", 1)[0] ?? "");
      if (match === null) return [];
      const [, marks = "", text = ""] = match;
      const plain = slug(text);
      const times = seen.get(plain) ?? 0;
      seen.set(plain, times + 1);
      return [
        {
          level: marks.length,
          text,
          anchor: times === 0 ? plain : `${plain}-${times}`,
          body: part.slice(part.indexOf("\n") + 1),
        },
      ];
    });
};

/** Targets of links and images that lead to a file of this repository or a place in one. */
export const relativeLinksOf = (markdown: string): string[] => {
  const text = withoutFences(markdown).replace(/`[^`\n]*`/g, (code) => (code.includes("](") ? "" : code));
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(
    ([, target = ""]) => target,
  );
  const references = [...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)].map(
    ([, target = ""]) => target,
  );
  return [...inline, ...references].filter((target) => !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target));
};

/** What is wrong with a link of that file; null: it leads somewhere. */
export const brokenLink = (file: string, target: string): string | null => {
  const [place = "", anchor] = target.split("#", 2);
  const whole = place === "" ? file : path.resolve(path.dirname(file), decodeURIComponent(place));
  if (!existsSync(whole)) return `${target}: there is no ${place}`;
  if (anchor === undefined || anchor === "") return null;
  if (!statSync(whole).isFile() || !whole.endsWith(".md")) return null;
  const anchors = headingsOf(readFileSync(whole, "utf8")).map((heading) => heading.anchor);
  return anchors.includes(decodeURIComponent(anchor)) ? null : `${target}: no heading makes #${anchor}`;
};
