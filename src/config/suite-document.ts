import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from "yaml";
import type { PathPart, Problem, RawProblem } from "./problems.ts";
import { pathText, quoted } from "./problems.ts";
import { LARGEST_SUITE_BYTES } from "./suite-defaults.ts";

/** A YAML (or JSON) text as plain values, with the place of each. */
export interface LoadedDocument {
  readonly value: unknown;
  /** Turns a problem's path into a place in the text. */
  readonly locate: (problem: RawProblem) => Problem;
}

export type DocumentResult =
  | { readonly ok: true; readonly document: LoadedDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What an empty file should have been. */
export interface Expected {
  readonly what: string;
  readonly remedy: string;
}

const SUITE: Expected = { what: "a suite", remedy: "Run `squall init` to write a first one." };

/** Aliases can make a short text enormous; no real suite comes near these. */
const MOST_NODES = 50_000;
const MOST_ALIASES = 100;
const DEEPEST = 64;

const wholeFile = (
  file: string,
  code: Problem["code"],
  message: string,
  allowed: string,
  remedy?: string,
): Problem => ({
  file,
  line: 1,
  column: 1,
  path: "",
  code,
  found: "",
  message,
  allowed,
  ...(remedy === undefined ? {} : { remedy }),
});

const REMEDIES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces; YAML takes no tabs.",
  MULTIPLE_ANCHORS: "Keep one anchor.",
  BAD_ALIAS: "Define the anchor (&name) before its alias (*name).",
};

const childrenOf = (node: Node): unknown[] => {
  if (isMap(node)) return node.items.flatMap((pair) => [pair.key, pair.value]);
  return isSeq(node) ? node.items : [];
};

/** Nesting of a text before aliases are followed; beyond `DEEPEST` it is not followed further. */
const depthOf = (node: unknown, depth = 0): number =>
  !isNode(node) || depth > DEEPEST
    ? depth
    : Math.max(depth, ...childrenOf(node).map((child) => depthOf(child, depth + 1)));

/**
 * How large the document becomes once aliases are followed, in one pass: every node is counted once and remembered,
 * so a bomb costs no more than its text. Infinity where an alias contains itself.
 */
const expandedSize = (document: Document): { nodes: number; aliases: number; dangling: readonly Alias[] } => {
  const known = new Map<Node, number>();
  const open = new Set<Node>();
  const dangling: Alias[] = [];
  let aliases = 0;
  const sizeOf = (node: unknown): number => {
    if (!isNode(node)) return 1;
    if (isAlias(node)) {
      aliases++;
      const target = node.resolve(document);
      if (target === undefined) dangling.push(node);
      return target === undefined ? 1 : sizeOf(target);
    }
    if (open.has(node)) return Number.POSITIVE_INFINITY;
    const before = known.get(node);
    if (before !== undefined) return before;
    open.add(node);
    const total = childrenOf(node).reduce<number>((sum, child) => sum + sizeOf(child), 1);
    open.delete(node);
    known.set(node, total);
    return total;
  };
  return { nodes: sizeOf(document.contents), aliases, dangling };
};

/**
 * Keys that are no plain text, stand twice, or mean something to JavaScript objects. (The parser's own search for
 * duplicates compares each key with each: ten thousand keys take it half a minute.)
 */
const oddKeys = (node: unknown, path: readonly PathPart[], found: RawProblem[]): void => {
  if (isSeq(node)) node.items.forEach((item, index) => oddKeys(item, [...path, index], found));
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : null;
    if (name !== null && seen.has(name) && name !== "<<") {
      found.push({
        path: [...path, name],
        at: "key",
        code: "duplicate",
        found: quoted(name),
        message: "This key stands twice in one map",
        allowed: "each key once",
        remedy: "Keep one of the two.",
      });
    }
    if (name !== null) seen.add(name);
    if (name === null || name === "__proto__") {
      found.push({
        path: name === null ? path : [...path, name],
        at: name === null ? "value" : "key",
        code: "unknown-key",
        found: name === null ? "a key that is a list, a map or an alias" : quoted(name),
        message: "This cannot be a key",
        allowed: "a plain text as key",
      });
    } else oddKeys(value, [...path, name], found);
  }
};

/** Pairs of a map by key, looked up once: thousands of problems in one map must not search it thousands of times. */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
const pairIn = (map: YAMLMap, key: string): Pair | undefined => {
  let pairs = pairsOf.get(map);
  if (pairs === undefined) {
    pairs = new Map(
      map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])),
    );
    pairsOf.set(map, pairs);
  }
  return pairs.get(key);
};

/** The node at a path, or the deepest one on the way to it (a path may end in a missing key, or pass an alias). */
const nodeAt = (document: Document, path: readonly PathPart[], atKey: boolean): Node | null => {
  let node: unknown = document.contents;
  let place: Node | null = isNode(node) ? node : null;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = pairIn(node, String(part));
      if (pair === undefined) return place;
      const emptyValue = !isNode(pair.value) || (isScalar(pair.value) && pair.value.source === "");
      if (isNode(pair.key) && ((last && atKey) || emptyValue)) place = pair.key;
      else if (isNode(pair.value)) place = pair.value;
      node = pair.value;
    } else if (isSeq(node) && typeof part === "number") {
      node = node.items[part];
      if (isPair(node)) return place;
      if (isNode(node)) place = node;
    } else return place;
  }
  return place;
};

const locator =
  (file: string, document: Document, counter: LineCounter) =>
  (raw: RawProblem): Problem => {
    const offset = nodeAt(document, raw.path, raw.at === "key")?.range?.[0] ?? 0;
    const { line, col } = counter.linePos(offset);
    const { path, at: _, ...rest } = raw;
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(path), ...rest };
  };

const syntaxProblems = (file: string, document: Document): Problem[] =>
  [...document.errors, ...document.warnings].map((error) => {
    const place = error.linePos?.[0];
    const remedy = REMEDIES[error.code];
    return {
      file,
      line: place?.line ?? 1,
      column: place?.col ?? 1,
      path: "",
      code: "syntax" as const,
      found: "",
      // yaml appends the place and the source; ours are printed apart.
      message: /call stack/.test(error.message)
        ? "The file is nested too deeply"
        : (error.message.split(/ at line \d+/)[0] ?? error.message).slice(0, 200),
      allowed: "",
      ...(remedy === undefined ? {} : { remedy }),
    };
  });

const unknownAlias = (file: string, alias: Alias, counter: LineCounter): Problem => {
  const { line, col } = counter.linePos(alias.range?.[0] ?? 0);
  return {
    file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    path: "",
    code: "unknown-name",
    found: quoted(`*${alias.source}`),
    message: "No anchor of this name stands before",
    allowed: "",
    remedy: `Define &${alias.source} before it is used.`,
  };
};

const failed = (...problems: Problem[]): DocumentResult => ({ ok: false, problems });

/**
 * Reads one YAML document (JSON is YAML too) without trusting it: bounded in size, depth and expansion; duplicate
 * keys, several documents and odd keys are problems. Never throws.
 */
export const loadDocument = (text: string, file: string, expected: Expected = SUITE): DocumentResult => {
  if (text.length > LARGEST_SUITE_BYTES) {
    return failed(wholeFile(file, "too-large", "The file is larger than 1 MiB", "at most 1 MiB"));
  }
  try {
    return parseBounded(text, file, expected);
  } catch (error) {
    // A text that makes the parser itself give up (nesting beyond the stack) is still the text's fault.
    const reason = error instanceof RangeError ? "it is nested too deeply" : "the parser gave up on it";
    return failed(wholeFile(file, "syntax", `The file cannot be read: ${reason}`, "YAML or JSON"));
  }
};

const parseBounded = (text: string, file: string, expected: Expected): DocumentResult => {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: counter,
    merge: true,
    uniqueKeys: false,
    prettyErrors: true,
    version: "1.2",
  });
  const documents = Array.isArray(parsed) ? (parsed as Document[]) : [];
  const [document] = documents;
  const broken = documents.flatMap((each) => syntaxProblems(file, each));
  if (broken.length > 0) return failed(...broken);
  if (document === undefined || document.contents === null) {
    return failed(wholeFile(file, "syntax", "The file is empty", expected.what, expected.remedy));
  }
  if (documents.length > 1)
    return failed(
      wholeFile(
        file,
        "syntax",
        "The file holds more than one YAML document",
        "one document",
        "Remove the lines that are only ---.",
      ),
    );
  if (depthOf(document.contents) > DEEPEST)
    return failed(wholeFile(file, "unsafe", "The file is nested too deeply", `at most ${DEEPEST} levels`));
  const { nodes, aliases, dangling } = expandedSize(document);
  if (dangling.length > 0) return failed(...dangling.map((alias) => unknownAlias(file, alias, counter)));
  if (nodes > MOST_NODES || aliases > MOST_ALIASES)
    return failed(
      wholeFile(
        file,
        "unsafe",
        aliases > 0 ? "Aliases make the file too large" : "The file holds too many values",
        `at most ${MOST_ALIASES} aliases and ${MOST_NODES} values`,
      ),
    );
  const locate = locator(file, document, counter);
  const odd: RawProblem[] = [];
  oddKeys(document.contents, [], odd);
  if (odd.length > 0) return failed(...odd.map(locate));
  return { ok: true, document: { value: document.toJS({ maxAliasCount: MOST_ALIASES }), locate } };
};
