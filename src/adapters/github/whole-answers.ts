/**
 * A fetch whose answers are whole or errors. Octokit takes what it could read of a body that was cut off for the answer
 * (@octokit/request, getResponseData); half a list of comments, or half a baseline, must never be taken for all of it.
 */
export type Fetch = (url: string | URL, options?: RequestInit) => Promise<Response>;

/** Statuses whose answer has no body (Fetch standard, "null body status"). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Not of a file that is asked for as it is: its type may end in +json, its content be anything. */
const isJson = (type: string | null): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/.test(type ?? "") && !/\braw\b/.test(type ?? "");

const asksForJson = ({ headers }: RequestInit): boolean => {
  const accept = new Headers(headers).get("accept") ?? "";
  return /json/.test(accept) && !/\braw\b/.test(accept);
};

/** A gateway's page, or nothing at all, under a status that says all is well: no answer of the API's. */
const isForeign = (response: Response, options: RequestInit): boolean =>
  response.ok && asksForJson(options) && !isJson(response.headers.get("content-type"));

/** More than the largest answer that is asked for: a blob of 100 MB in base64. */
const MOST_BYTES = 160 * 1024 * 1024;

const readWhole = async (response: Response): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Throws where the connection ends before the declared length or the last chunk.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new TypeError(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
};

const late = (timeoutMs: number, cause: unknown): Error =>
  new Error(`no answer within ${timeoutMs} ms`, { cause });

/** @param timeoutMs for the whole answer, its body included */
export const wholeAnswers =
  (fetch: Fetch, timeoutMs: number): Fetch =>
  async (url, options = {}) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal == null ? timeout : AbortSignal.any([options.signal, timeout]);
    try {
      const response = await fetch(url, { ...options, signal });
      if (WITHOUT_BODY.has(response.status)) return response;
      const body = await readWhole(response);
      if (isForeign(response, options)) throw new TypeError("the answer is not JSON");
      if ((body.length > 0 || response.ok) && isJson(response.headers.get("content-type"))) {
        try {
          JSON.parse(new TextDecoder().decode(body));
        } catch (cause) {
          throw new TypeError("the answer says it is JSON and is not", { cause });
        }
      }
      const { status, statusText, headers } = response;
      const whole = new Response(body, { status, statusText, headers });
      Object.defineProperty(whole, "url", { value: response.url });
      return whole;
    } catch (error) {
      if (!timeout.aborted) throw error;
      // Octokit shows a TypeError's cause as the message, and never tries an AbortError again.
      const failed = new TypeError("fetch failed");
      failed.cause = late(timeoutMs, error);
      throw failed;
    }
  };
