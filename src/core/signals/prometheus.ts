/**
 * The Prometheus text format (version 0.0.4, and what OpenMetrics adds to a line), read for some series and for their sums.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 *
 *   name{label="value",...} value [timestamp] [# exemplar]
 *
 * One pass over the text; lines of other names are passed over unread. Never throws.
 */

export interface SeriesQuery {
  /** Name of the series: of a histogram `..._count`, `..._sum`, `..._bucket`. */
  readonly metric: string;
  /** The series must bear these, and may bear others. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface SeriesSum {
  /** Null: no series, or one of them is no finite number or not to be read. */
  readonly sum: number | null;
  /** Series that fit the query. */
  readonly series: number;
}

const NAME = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const LABEL = /[A-Za-z_][A-Za-z0-9_]*/y;
const BLANKS = /[ \t]*/y;
const VALUE = /[^ \t]+/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MOST_LABELS = 200;

/** Walks along one line. */
class Cursor {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** What a sticky pattern matches here; "" for nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#line) ?? [];
    this.#at += found.length;
    return found;
  }

  takes(character: string): boolean {
    if (this.#line[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** A quoted value with \\, \" and \n; null where it does not end. */
  quoted(): string | null {
    if (!this.takes('"')) return null;
    let text = "";
    for (; this.#at < this.#line.length; this.#at++) {
      const character = this.#line[this.#at];
      if (character === '"') {
        this.#at += 1;
        return text;
      }
      if (character !== "\\") text += character;
      else {
        this.#at += 1;
        const escaped = this.#line[this.#at];
        if (escaped === undefined) return null;
        text += escaped === "n" ? "\n" : escaped === '"' || escaped === "\\" ? escaped : `\\${escaped}`;
      }
    }
    return null;
  }
}

/** Null: not to be read. */
const labelsAt = (cursor: Cursor): ReadonlyMap<string, string> | null => {
  const labels = new Map<string, string>();
  for (let count = 0; count <= MOST_LABELS; count++) {
    cursor.take(BLANKS);
    if (cursor.takes("}")) return labels;
    const name = cursor.take(LABEL);
    cursor.take(BLANKS);
    if (name === "" || !cursor.takes("=")) return null;
    cursor.take(BLANKS);
    const value = cursor.quoted();
    if (value === null) return null;
    labels.set(name, value);
    cursor.take(BLANKS);
    if (!cursor.takes(",")) return cursor.takes("}") ? labels : null;
  }
  return null;
};

interface Line {
  readonly labels: ReadonlyMap<string, string>;
  /** Null: not to be read. */
  readonly value: number | null;
}

const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["+Inf", Infinity],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
]);

/** What follows a series' name; null: not to be read. */
const rest = (cursor: Cursor): Line | null => {
  cursor.take(BLANKS);
  const labels = cursor.takes("{") ? labelsAt(cursor) : new Map<string, string>();
  if (labels === null) return null;
  cursor.take(BLANKS);
  const written = cursor.take(VALUE);
  return { labels, value: NUMBER.test(written) ? Number(written) : (NOT_FINITE.get(written) ?? null) };
};

const fits = ({ labels }: SeriesQuery, found: ReadonlyMap<string, string>): boolean =>
  // A label that is not there is the same as an empty one.
  Object.entries(labels).every(([name, value]) => (found.get(name) ?? "") === value);

/**
 * Lines of the given names, in their order.
 *
 * @param visit `line`: null where what follows the name is not to be read
 */
const eachLine = (
  text: string,
  names: { has(name: string): boolean },
  visit: (name: string, line: Line | null) => void,
): void => {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const from = start;
    start = end + 1;
    NAME.lastIndex = from;
    while (NAME.lastIndex < end && (text[NAME.lastIndex] === " " || text[NAME.lastIndex] === "\t"))
      NAME.lastIndex += 1;
    const name = NAME.exec(text)?.[0];
    if (name === undefined || !names.has(name)) continue;
    const cursor = new Cursor(text.slice(from, end).replace(/\r$/, ""));
    cursor.take(BLANKS);
    cursor.take(NAME);
    visit(name, rest(cursor));
  }
};

/** @returns one sum for each query, in their order */
export const sumSeries = (text: string, queries: readonly SeriesQuery[]): readonly SeriesSum[] => {
  const sums = queries.map(() => ({ sum: 0, series: 0 }));
  const byName = new Map<string, number[]>();
  queries.forEach(({ metric }, place) => byName.set(metric, [...(byName.get(metric) ?? []), place]));
  eachLine(text, byName, (name, line) => {
    for (const place of byName.get(name) ?? []) {
      const sum = sums[place];
      const query = queries[place];
      if (sum === undefined || query === undefined || (line !== null && !fits(query, line.labels))) continue;
      sum.series += 1;
      sum.sum += line?.value ?? Number.NaN;
    }
  });
  return sums.map(({ sum, series }) => ({ sum: series > 0 && Number.isFinite(sum) ? sum : null, series }));
};

/** @returns what the series of one name stand at, whatever their labels, in their order; those that cannot be read are left out */
export const seriesValues = (text: string, name: string): readonly number[] => {
  const values: number[] = [];
  eachLine(text, new Set([name]), (_, line) => {
    if (line?.value != null) values.push(line.value);
  });
  return values;
};
