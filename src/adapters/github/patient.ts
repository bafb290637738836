/**
 * Waits as long as the server asks by `retry-after` (RFC 9110, 10.2.3: seconds or a date). Octokit's plug-ins know the two rate
 * limits that GitHub names in words, and no other server's; failures of the server are theirs alone.
 */
import type { Fetch } from "./whole-answers.ts";

const ASKS_TO_WAIT: ReadonlySet<number> = new Set([403, 429]);

export interface Patience {
  /** Of all pauses of one request together. A server that asks for more gets no second request. */
  readonly longestMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (line: string) => void;
}

const SECOND_MS = 1000;

/** NaN: it does not ask. */
const askedMs = (response: Response): number => {
  const asked = response.headers.get("retry-after") ?? "";
  return /^\d+$/.test(asked) ? Number(asked) * SECOND_MS : Date.parse(asked) - Date.now();
};

export const patient =
  (fetch: Fetch, { longestMs, sleep, log }: Patience): Fetch =>
  async (url, options) => {
    for (let waitedMs = 0; ; ) {
      const response = await fetch(url, options);
      const pauseMs = Math.max(askedMs(response), SECOND_MS);
      if (!ASKS_TO_WAIT.has(response.status) || !(waitedMs + pauseMs <= longestMs)) return response;
      log(
        `${new URL(url).pathname} answered ${response.status}: again in ${Math.ceil(pauseMs / SECOND_MS)} s, as it asks`,
      );
      await sleep(pauseMs);
      waitedMs += pauseMs;
    }
  };
