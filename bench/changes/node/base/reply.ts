/** How an answer is sent: as one JSON document, or as events in the model provider's own form. */
import type { ServerResponse } from "node:http";

export type Source = "model" | "fallback";

export interface Reply {
  write(text: string, source: Source): void;
  end(finishReason: string | null, source: Source): void;
  /** In-band, where the answer has begun. */
  fail(reason: string): void;
}

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

export const streamed = (response: ServerResponse): Reply => {
  const event = (body: unknown): void => {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify(body)}\n\n`);
  };
  return {
    write: (content, source) => event({ choices: [{ delta: { content }, finish_reason: null }], source }),
    end: (finishReason, source) => {
      event({ choices: [{ delta: {}, finish_reason: finishReason }], source });
      response.end("data: [DONE]\n\n");
    },
    fail: (reason) => {
      if (!response.headersSent) return sendJson(response, 503, { error: { message: reason } });
      event({ error: { message: reason } });
      response.end();
    },
  };
};

export const whole = (response: ServerResponse): Reply => {
  let content = "";
  return {
    write: (text) => {
      content += text;
    },
    end: (finishReason, source) =>
      sendJson(response, 200, { choices: [{ message: { content }, finish_reason: finishReason }], source }),
    fail: (reason) => sendJson(response, 503, { error: { message: reason } }),
  };
};
