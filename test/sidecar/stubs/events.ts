import { createParser } from "eventsource-parser";

export interface ParsedEvent {
  readonly event: string | undefined;
  readonly data: string;
}

/** All events of a text, by a parser that is not ours. */
export const eventsOf = (text: string): ParsedEvent[] => {
  const events: ParsedEvent[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data }) });
  parser.feed(text);
  return events;
};

/** Events of an answer, with ms from the moment it was asked for. */
export const timedEvents = async (
  ask: () => Promise<Response>,
): Promise<(ParsedEvent & { readonly atMs: number })[]> => {
  const started = performance.now();
  const events: (ParsedEvent & { readonly atMs: number })[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event, data, atMs: performance.now() - started }),
  });
  const decoder = new TextDecoder();
  const { body } = await ask();
  if (body === null) throw new Error("no body");
  for await (const chunk of body) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  return events;
};
