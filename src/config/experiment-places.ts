/** Where the suite file speaks of each experiment. */
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { LARGEST_SUITE_BYTES } from "./suite-defaults.ts";

/**
 * @param text squall.yml; anything else gives no places
 * @returns experiment's name to its line (from 1)
 */
export const experimentPlaces = (text: string): ReadonlyMap<string, { readonly line: number }> => {
  const places = new Map<string, { line: number }>();
  if (text.length > LARGEST_SUITE_BYTES) return places;
  const lineCounter = new LineCounter();
  const experiments: unknown = parseDocument(text, { lineCounter }).get("experiments");
  if (!isSeq(experiments)) return places;
  for (const item of experiments.items) {
    if (!isMap(item) || item.range === null || item.range === undefined) continue;
    const name: unknown = item.get("name");
    if (typeof name === "string") places.set(name, { line: lineCounter.linePos(item.range[0]).line });
  }
  return places;
};
