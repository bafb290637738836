import { expect, test } from "vitest";
import { eventsOf } from "./events.ts";
import { stubWith, user } from "./models.ts";

const ASK = {
  model: "m",
  max_tokens: 100,
  system: [{ type: "text", text: "Boats leave at noon. Trains leave at nine." }],
  messages: user("When do boats leave?"),
};
const TOOL = {
  name: "find_boat",
  input_schema: { type: "object", properties: { port: { type: "string" } } },
};

interface StreamEvent {
  readonly type: string;
  readonly delta?: { readonly text?: string; readonly partial_json?: string; readonly stop_reason?: string };
}

const streamed = async (body: unknown): Promise<StreamEvent[]> => {
  await using stub = await stubWith({ shape: "anthropic" });
  const response = await stub.post("/v1/messages", body);
  return eventsOf(await response.text()).map(({ event, data }) => {
    const parsed = JSON.parse(data) as StreamEvent;
    expect(parsed.type).toBe(event);
    return parsed;
  });
};

test("a whole message has the published shape and quotes the system text", async () => {
  await using stub = await stubWith({ shape: "anthropic", minTokens: 4, maxTokens: 4 });
  const response = await stub.post("/v1/messages", ASK);
  expect(await response.json()).toMatchObject({
    id: expect.stringMatching(/^msg_/),
    type: "message",
    role: "assistant",
    content: [{ type: "text", text: "Boats leave at noon." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { output_tokens: 4 },
  });
});

test("a streamed message has its events in order, and ends with message_stop", async () => {
  const events = await streamed({ ...ASK, stream: true });
  const types = events.map(({ type }) => type);
  expect(types).toEqual([
    "message_start",
    "content_block_start",
    "ping",
    ...Array.from({ length: 12 }, () => "content_block_delta"),
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(events.map(({ delta }) => delta?.text ?? "").join("")).toContain("Boats leave at noon.");
  expect(events.at(-2)?.delta?.stop_reason).toBe("end_turn");
});

test("streams a tool's input in pieces, and stops for tool_use", async () => {
  const events = await streamed({
    ...ASK,
    stream: true,
    tools: [TOOL],
    tool_choice: { type: "tool", name: "find_boat" },
  });
  expect(events[1]).toMatchObject({ content_block: { type: "tool_use", name: "find_boat", input: {} } });
  const input = events.map(({ delta }) => delta?.partial_json ?? "").join("");
  expect(JSON.parse(input)).toEqual({ port: "boats leave" });
  expect(events.at(-2)?.delta?.stop_reason).toBe("tool_use");
});

test("answers with text after a tool's result", async () => {
  await using stub = await stubWith({ shape: "anthropic" });
  const messages = [
    ...user("find boat please"),
    { role: "assistant", content: [{ type: "tool_use", id: "t", name: "find_boat", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "A boat is in Faro." }] },
  ];
  const body = (await (
    await stub.post("/v1/messages", { ...ASK, tools: [TOOL], messages })
  ).json()) as object;
  expect(body).toMatchObject({
    content: [{ type: "text", text: expect.stringContaining("A boat is in Faro.") }],
    stop_reason: "end_turn",
  });
});

test.each([
  ["{", "not valid JSON"],
  [JSON.stringify({ ...ASK, max_tokens: undefined }), "max_tokens"],
  [JSON.stringify({ ...ASK, messages: "x" }), "messages"],
])("a bad request %s is answered in the format of Anthropic's errors", async (body, message) => {
  await using stub = await stubWith({ shape: "anthropic" });
  const response = await stub.post("/v1/messages", body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: "error",
    error: { type: "invalid_request_error", message: expect.stringContaining(message) },
  });
});

test("counts tokens, lists models, and knows no other path", async () => {
  await using stub = await stubWith({ shape: "anthropic" });
  const counted = await stub.post("/v1/messages/count_tokens", {
    model: "m",
    messages: user("one two three"),
  });
  expect(await counted.json()).toEqual({ input_tokens: 3 });
  expect(await (await stub.get("/v1/models")).json()).toMatchObject({ data: [{ type: "model" }] });
  expect((await stub.get("/v1/other")).status).toBe(404);
});
