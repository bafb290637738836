import type { Attribution } from "../core/sidecar-protocol.ts";
import type { RequestTemplate } from "../core/workload.ts";

/** Shorter texts turn up in other requests' calls by chance. */
const SHORTEST_TEXT = 12;
const LONGEST_TEXT = 2000;

const stringsIn = (value: unknown, found: string[]): void => {
  if (typeof value === "string") found.push(value);
  else if (Array.isArray(value)) for (const item of value) stringsIn(item, found);
  else if (value !== null && typeof value === "object")
    for (const item of Object.values(value)) stringsIn(item, found);
};

const textOf = (request: RequestTemplate): string | null => {
  const found: string[] = [];
  if (request.body !== undefined) {
    try {
      stringsIn(JSON.parse(request.body), found);
    } catch {
      found.push(request.body);
    }
  }
  const query = request.path.split("?")[1];
  if (query !== undefined) found.push(...new URLSearchParams(query).values());
  const longest = found.filter((text) => !text.includes("{{nonce}}")).sort((a, b) => b.length - a.length)[0];
  return longest !== undefined && longest.length >= SHORTEST_TEXT ? longest.slice(0, LONGEST_TEXT) : null;
};

/** The text by which a dependency call can be told to belong to a request, where it occurs in one request only. */
export const questionTexts = (requests: readonly RequestTemplate[]): Attribution["texts"] => {
  const texts = requests.flatMap((request) => {
    const text = textOf(request);
    return text === null ? [] : [{ requestId: request.id, text }];
  });
  const counts = Map.groupBy(texts, ({ text }) => text);
  return texts.filter(({ text }) => counts.get(text)?.length === 1);
};
