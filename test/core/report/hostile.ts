/** A result whose every text that comes from outside is another: names, titles, branches, notes, commands, versions. */
import type { Result } from "../../../src/core/verdict.ts";

/** Keys whose texts are words of our own: no suite, service or person can write them. */
const VOCABULARY: ReadonlySet<string> = new Set([
  "kind",
  "severity",
  "metric",
  "unit",
  "method",
  "label",
  "refused",
  "word",
  "holds",
  "shape",
  "scale",
  "path",
  "how",
  "until",
  "event",
  "outcome",
  "ancestor",
  "failOn",
  "because",
  "class",
  "detector",
  "policy",
  "type",
]);

/** Faults are described, never shown themselves. */
const NEVER_SHOWN: ReadonlySet<string> = new Set(["faults"]);

type Replace = (text: string) => string;

const walk = (value: unknown, key: string, replace: Replace): unknown => {
  if (NEVER_SHOWN.has(key)) return value;
  if (typeof value === "string") return VOCABULARY.has(key) ? value : replace(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, key, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name, replace)]));
};

/** The same text becomes the same other text; `control` and `all` stay what they stand for. */
export const withTexts = (result: Result, make: (index: number) => string): Result => {
  const known = new Map<string, string>([
    ["control", "control"],
    ["all", "all"],
  ]);
  const replace: Replace = (text) => {
    const found = known.get(text) ?? make(known.size);
    known.set(text, found);
    return found;
  };
  return walk(result, "", replace) as Result;
};
