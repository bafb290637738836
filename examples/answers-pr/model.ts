/**
 * The "pull request": retries now honour whatever Retry-After the model's provider asks for ("so that we are never
 * blocked"), and answering from the FAQ is gone ("dead code: the model always answers").
 */
import { type Ask, type AskModel, ModelUnavailable, readTokens, requestBody } from "../answers/model.ts";

const CALL_DEADLINE_MS = 1500;
const ATTEMPTS = 2;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const open = async (ask: Ask, body: string): Promise<Response> => {
  let reason = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(`${ask.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.any([ask.signal, AbortSignal.timeout(CALL_DEADLINE_MS)]),
      });
      if (response.ok && response.body !== null) return response;
      await response.body?.cancel();
      reason = `status ${response.status}`;
      if (response.status < 500 && response.status !== 429) break;
      await wait(Number(response.headers.get("retry-after") ?? "0.1") * 1000);
    } catch (error) {
      reason = String(error);
    }
  }
  throw new ModelUnavailable(reason);
};

export const askModel: AskModel = async function* (ask) {
  yield* readTokens(await open(ask, requestBody(ask)));
};
