import { expect, test } from "vitest";
import { eventsOf } from "./events.ts";
import { stubWith, user } from "./models.ts";

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly choices: readonly {
    readonly delta: {
      readonly role?: string;
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly id?: string;
        readonly function: { readonly name?: string; readonly arguments: string };
      }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly completion_tokens: number } | null;
}

const CONTEXT = "We are open from nine to five. You can reset your password in Settings, under Security.";
const ASK = {
  model: "m",
  messages: [{ role: "system", content: CONTEXT }, ...user("How do I reset my password?")],
};
const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"] },
      },
    },
  },
};

test("a whole answer has the published shape and quotes the best sentence of the context", async () => {
  await using stub = await stubWith({ minTokens: 9, maxTokens: 9 });
  const response = await stub.post("/openai/v1/chat/completions", ASK);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-length")).not.toBeNull();
  expect(await response.json()).toMatchObject({
    id: expect.stringMatching(/^chatcmpl-/),
    object: "chat.completion",
    model: "m",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "You can reset your password in Settings, under Security." },
        finish_reason: "stop",
      },
    ],
    usage: { completion_tokens: 9 },
  });
});

test("a streamed answer gives a role, the same kind of text, a finish reason, usage on request, and [DONE]", async () => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/chat/completions", {
    ...ASK,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events = eventsOf(await response.text());
  expect(events.at(-1)?.data).toBe("[DONE]");
  const chunks = events.slice(0, -1).map(({ data }) => JSON.parse(data) as Chunk);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant", content: "" });
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  expect(text).toContain("You can reset your password in Settings, under Security.");
  expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
  expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
});

test("without include_usage no chunk speaks of usage", async () => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/chat/completions", { ...ASK, stream: true });
  expect(await response.text()).not.toContain("usage");
});

test("the sentence that shares most with the question comes first, wherever it stands", async () => {
  await using stub = await stubWith({ minTokens: 6, maxTokens: 6 });
  const context = "Boats are painted every spring.\nBoats leave at noon every day.";
  const messages = [{ role: "system", content: context }, ...user("When do boats leave?")];
  const response = await stub.post("/v1/chat/completions", { model: "m", messages });
  expect(await response.json()).toMatchObject({
    choices: [{ message: { content: "Boats leave at noon every day." } }],
  });
});

test("max_tokens cuts the answer and says so", async () => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/chat/completions", { ...ASK, max_tokens: 3 });
  expect(await response.json()).toMatchObject({
    choices: [{ message: { content: "You can reset" }, finish_reason: "length" }],
  });
});

test("calls a tool that the user names, with arguments that fit its schema", async () => {
  await using stub = await stubWith();
  const body = {
    model: "m",
    tools: [WEATHER],
    messages: user("Use get_weather for Lisbon, next 3 days, in fahrenheit"),
  };
  const answer = (await (await stub.post("/v1/chat/completions", body)).json()) as {
    choices: { message: { tool_calls: { id: string; function: { name: string; arguments: string } }[] } }[];
  };
  expect(answer).toMatchObject({ choices: [{ message: { content: null }, finish_reason: "tool_calls" }] });
  const [call] = answer.choices[0]?.message.tool_calls ?? [];
  expect(call?.function.name).toBe("get_weather");
  expect(JSON.parse(call?.function.arguments ?? "")).toEqual({
    city: expect.stringContaining("lisbon"),
    days: 3,
    unit: "celsius",
  });
});

test("streams a tool call's arguments in pieces", async () => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/chat/completions", {
    model: "m",
    stream: true,
    tools: [WEATHER],
    tool_choice: "required",
    messages: user("Lisbon?"),
  });
  const chunks = eventsOf(await response.text())
    .slice(0, -1)
    .map(({ data }) => JSON.parse(data) as Chunk);
  const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
  expect(calls[0]).toMatchObject({
    id: expect.stringMatching(/^call_/),
    function: { name: "get_weather", arguments: "" },
  });
  expect(calls.length).toBeGreaterThan(3);
  expect(JSON.parse(calls.map((call) => call.function.arguments).join(""))).toMatchObject({ city: "lisbon" });
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
});

test("answers with text after a tool's result, so that a caller's loop ends", async () => {
  await using stub = await stubWith();
  const messages = [
    ...user("get weather in Lisbon"),
    { role: "assistant", content: null },
    { role: "tool", content: "Lisbon weather is sunny." },
  ];
  const response = await stub.post("/v1/chat/completions", { model: "m", tools: [WEATHER], messages });
  expect(await response.json()).toMatchObject({
    choices: [
      { message: { content: expect.stringContaining("Lisbon weather is sunny.") }, finish_reason: "stop" },
    ],
  });
});

test("the same request gets the same bytes; nonces and volatile keys do not count", async () => {
  await using one = await stubWith({ minTokens: 5, maxTokens: 60 }, 3);
  await using two = await stubWith({ minTokens: 5, maxTokens: 60 }, 3);
  const ask = (nonce: string) => ({
    model: "m",
    messages: user(`Tell me of boats ${nonce}`),
    request_id: nonce,
  });
  const first = await (await one.post("/v1/chat/completions", ask("nonce-0123456789abcdef"))).text();
  const again = await (await two.post("/v1/chat/completions", ask("nonce-fedcba9876543210"))).text();
  const lengths = (text: string) => (JSON.parse(text) as { usage: unknown }).usage;
  expect(lengths(again)).toEqual(lengths(first));
  expect(await (await two.post("/v1/chat/completions", ask("nonce-0123456789abcdef"))).text()).toBe(first);
});

test.each([
  ["{", 400, "not valid JSON"],
  ["[1]", 400, "must be a JSON object"],
  [JSON.stringify({ messages: user("x") }), 400, "model"],
  [JSON.stringify({ model: "m", messages: [] }), 400, "messages"],
  [JSON.stringify({ model: "m", messages: user("x"), n: 2 }), 400, "'n' must be 1"],
  [JSON.stringify({ model: "m", messages: user("x"), max_tokens: 0 }), 400, "max_tokens"],
])("a bad request %s is answered in the format of OpenAI's errors", async (body, status, message) => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/chat/completions", body);
  expect(response.status).toBe(status);
  const answer = (await response.json()) as { error: { message: string } };
  expect(answer).toMatchObject({ error: { type: "invalid_request_error", code: null } });
  expect(answer.error.message).toContain(message);
});

test("unknown paths are 404, wrong methods 405, models are listed", async () => {
  await using stub = await stubWith();
  expect((await stub.post("/v1/nothing", {})).status).toBe(404);
  expect((await stub.get("/v1/chat/completions")).status).toBe(405);
  expect(await (await stub.get("/v1/models")).json()).toMatchObject({
    object: "list",
    data: [{ id: "stub-1", object: "model" }, {}],
  });
});

test("embeddings are unit vectors in which shared words are near", async () => {
  await using stub = await stubWith();
  const input = ["reset the password", "Passwords: how to reset them", "opening hours on sunday", ""];
  const response = await stub.post("/v1/embeddings", { model: "e", input });
  const { data } = (await response.json()) as { data: { embedding: number[]; index: number }[] };
  expect(data.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  const cosine = (a: number, b: number): number =>
    (data[a]?.embedding ?? []).reduce((sum, value, at) => sum + value * (data[b]?.embedding[at] ?? 0), 0);
  for (const index of [0, 1, 2, 3]) expect(cosine(index, index)).toBeCloseTo(1, 9);
  expect(cosine(0, 1)).toBeGreaterThan(0.9);
  expect(Math.abs(cosine(0, 2))).toBeLessThan(0.5);
});

test("embeddings in base64 are the same vectors, in the asked dimensions", async () => {
  await using stub = await stubWith();
  const vectors = async (format: string): Promise<unknown> => {
    const response = await stub.post("/v1/embeddings", {
      input: "a boat",
      dimensions: 16,
      encoding_format: format,
    });
    return ((await response.json()) as { data: { embedding: unknown }[] }).data[0]?.embedding;
  };
  const plain = (await vectors("float")) as number[];
  const bytes = Buffer.from((await vectors("base64")) as string, "base64");
  expect(bytes.length).toBe(16 * 4);
  expect(plain).toHaveLength(16);
  for (const [index, value] of plain.entries()) expect(bytes.readFloatLE(index * 4)).toBeCloseTo(value, 6);
});

test("a body beyond the limit is answered 413, not read on", async () => {
  await using stub = await stubWith();
  const response = await stub.post("/v1/embeddings", `"${"x".repeat(33 * 1024 * 1024)}"`);
  expect(response.status).toBe(413);
});
