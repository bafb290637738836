import { asArray, asObject, asText } from "./json-path.ts";

/** A tool call's name and arguments: a part of the answer that a drifting or truncated call would change. */
const toolCallText = (call: unknown): string => {
  const named = asObject(asObject(call)?.["function"]);
  return asText(named?.["name"]) + asText(named?.["arguments"]);
};

const messageText = (message: Readonly<Record<string, unknown>> | undefined): string => {
  if (message === undefined) return "";
  const content = message["content"];
  const text =
    typeof content === "string"
      ? content
      : asArray(content)
          .map((part) => asText(asObject(part)?.["text"]))
          .join("");
  return (
    text +
    asText(message["refusal"]) +
    asArray(message["tool_calls"])
      .map((call) => toolCallText(call))
      .join("")
  );
};

/**
 * The words of a JSON answer, without what differs from call to call (ids, times, usage). Known shapes: OpenAI chat and
 * text completions and responses, Anthropic messages. Undefined for any other JSON: its text is then the body itself.
 */
export const modelAnswerText = (json: unknown): string | undefined => {
  const root = asObject(json);
  if (root === undefined) return undefined;
  const choices = root["choices"];
  if (Array.isArray(choices)) {
    return choices
      .map((choice) => {
        const fields = asObject(choice);
        return asText(fields?.["text"]) + messageText(asObject(fields?.["message"]));
      })
      .join("");
  }
  if (root["type"] === "message" && Array.isArray(root["content"])) {
    return root["content"]
      .map((part) => {
        const block = asObject(part);
        const input = block?.["input"];
        return (
          asText(block?.["text"]) +
          (input === undefined ? "" : asText(block?.["name"]) + JSON.stringify(input))
        );
      })
      .join("");
  }
  if (root["object"] === "response" && Array.isArray(root["output"])) {
    return root["output"].map((item) => messageText(asObject(item))).join("");
  }
  return undefined;
};

/**
 * An error told inside a 2xx answer or event: OpenAI's `{"error": {...}}`, Anthropic's `{"type":"error"}`, Ollama's
 * `{"error":"..."}`. A null, false or empty `error` is none.
 */
export const tellsError = (json: unknown): boolean => {
  const root = asObject(json);
  if (root === undefined) return false;
  if (root["type"] === "error") return true;
  const error = root["error"];
  return asText(error) !== "" || asObject(error) !== undefined;
};
