/** Proposals as YAML, and put into a suite file without touching what stands there. */
import { Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";
import { loadDocument } from "../suite-document.ts";
import type { Proposal } from "./propose.ts";

const LONGEST_REASON = 400;

/** On one line, with blanks inside the braces, as suites are written. */
const flowText = (value: object): string => {
  const document = new Document(value);
  if (isMap(document.contents)) document.contents.flow = true;
  return document.toString({ lineWidth: 0 }).trimEnd();
};

const commentLines = (reasons: readonly string[]): string[] =>
  reasons.map((reason) => plainText(reason, LONGEST_REASON));

/** Nothing but the proposals decides these lines; each reason is a comment on a line of its own. */
const itemLines = ({ name, faults, reasons }: Proposal): string[] => [
  ...commentLines(reasons).map((comment) => `# ${comment}`),
  `- name: ${flowText([name]).slice(2)}`,
  `  faults: [${faults.map(flowText).join(", ")}]`,
];

const indented = (proposals: readonly Proposal[], indent: number): string[] =>
  proposals.flatMap(itemLines).map((line) => " ".repeat(indent) + line);

/** `experiments:` with the proposals, to be pasted. */
export const experimentsYaml = (proposals: readonly Proposal[]): string =>
  proposals.length === 0 ? "experiments: []\n" : `experiments:\n${indented(proposals, 2).join("\n")}\n`;

const experimentsOf = (
  text: string,
): { readonly whole: object; readonly list: readonly unknown[] } | null => {
  const loaded = loadDocument(text, "");
  const whole = loaded.ok ? loaded.document.value : null;
  if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return null;
  const list: unknown = (whole as Readonly<Record<string, unknown>>)["experiments"] ?? [];
  return Array.isArray(list) ? { whole, list } : null;
};

/** Are `after`'s experiments those of `before` and then the proposals, with all else as it was? */
const isMerged = (before: string, after: string, proposals: readonly Proposal[]): boolean => {
  const [old, now] = [experimentsOf(before), experimentsOf(after)];
  return (
    old !== null &&
    now !== null &&
    sameValue(now.whole, {
      ...old.whole,
      experiments: [...old.list, ...proposals.map(({ name, faults }) => ({ name, faults }))],
    })
  );
};

const lineEnd = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

const splice = (text: string, at: number, lines: readonly string[]): string => {
  const end = lineEnd(text);
  const before = text.slice(0, at);
  const gap = before === "" || before.endsWith("\n") ? "" : end;
  return `${before}${gap}${lines.join(end)}${end}${text.slice(at)}`;
};

/** Column of the dash of a list's items. */
const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf("\n", offset - 1) + 1);

/** Every other byte stays; null where the file is not written so that lines can be put in. */
const byInsertion = (text: string, root: YAMLMap, proposals: readonly Proposal[]): string | null => {
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === "experiments");
  if (root.flow === true) return null;
  if (pair === undefined) return splice(text, text.length, ["", "experiments:", ...indented(proposals, 2)]);
  const list = pair.value;
  if (!isSeq(list) || list.flow === true || list.items.length === 0 || list.range == null) return null;
  const [start, end] = list.range;
  return splice(text, end, indented(proposals, columnOf(text, start)));
};

/** The whole file written anew by the YAML library, which keeps comments and order. */
const byDocument = (text: string, proposals: readonly Proposal[]): string => {
  const document = parseDocument(text, { merge: true, uniqueKeys: false, version: "1.2" });
  const before = document.get("experiments", true);
  const list: YAMLSeq = isSeq(before) ? before : document.createNode([]);
  if (list !== before) document.set("experiments", list);
  if (list.items.length === 0) list.flow = isMap(document.contents) && document.contents.flow === true;
  for (const { name, faults, reasons } of proposals) {
    const item = document.createNode({ name, faults });
    if (list.flow !== true) {
      item.commentBefore = commentLines(reasons)
        .map((comment) => ` ${comment}`)
        .join("\n");
      const own = item.get("faults", true);
      if (isSeq(own)) own.flow = true;
    }
    list.add(item);
  }
  const written = document.toString({ lineWidth: 0 });
  return lineEnd(text) === "\n" ? written : written.replaceAll("\n", "\r\n");
};

/**
 * A suite file with the proposals behind its own experiments. Comments, order and all that stands there are kept; where the
 * experiments are a block list (or there are none) every other byte is.
 *
 * @param text a suite file that parses
 * @returns null where it cannot be done
 */
export const withExperiments = (text: string, proposals: readonly Proposal[]): string | null => {
  if (proposals.length === 0) return text;
  const before = experimentsOf(text);
  if (before === null) return null;
  const { contents } = parseDocument(text, { merge: true, uniqueKeys: false, version: "1.2" });
  const inserted = isMap(contents) ? byInsertion(text, contents, proposals) : null;
  if (inserted !== null && isMerged(text, inserted, proposals)) return inserted;
  const written = byDocument(text, proposals);
  return isMerged(text, written, proposals) ? written : null;
};
