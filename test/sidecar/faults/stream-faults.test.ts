import { expect, test } from "vitest";
import { until } from "../support/peers.ts";
import {
  CHAT,
  deltaText,
  type Heard,
  MESSAGES,
  type ModelEdge,
  modelEdge,
  STREAM,
  streamedText,
} from "./model-edge.ts";

const seen = (affected: number, seen = affected) => ({ faultId: "f1", edge: "llm", seen, affected });
const WEATHER = { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } };
const OPENAI_TOOLS = {
  tools: [{ type: "function", function: { name: "weather", parameters: WEATHER } }],
  tool_choice: "required",
};
const ANTHROPIC_TOOLS = { tools: [{ name: "weather", input_schema: WEATHER }], tool_choice: { type: "any" } };

const SHAPES = [
  ["openai", (edge: ModelEdge) => edge.ask(STREAM)],
  ["anthropic", (edge: ModelEdge) => edge.ask({ ...MESSAGES, stream: true }, "/v1/messages")],
] as const;

test.each(SHAPES)("first-token-delay shifts an %s stream from its first content on", async (shape, ask) => {
  await using edge = await modelEdge({ shape, firstTokenMs: 10, perTokenMs: 8 });
  const calm = await ask(edge);
  await edge.setFault({ kind: "first-token-delay", delayMs: 600, jitterMs: 0, distribution: "constant" });
  const late = await ask(edge);
  expect(late.text).toBe(calm.text);
  const content = late.events.find(({ data }) => /"(?:content|text)":"[^"]/.test(data));
  expect(content?.atMs).toBeGreaterThanOrEqual(608);
  expect(late.firstMs).toBeLessThan(600);
  // The decode after it keeps its pace: 11 gaps of 8 ms.
  expect(late.endMs).toBeGreaterThanOrEqual(10 + 600 + 11 * 8 - 2);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("first-token-delay holds back a whole answer, not an error", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "first-token-delay", delayMs: 100, jitterMs: 0, distribution: "constant" });
  expect((await edge.ask(CHAT)).firstMs).toBeGreaterThanOrEqual(99);
  expect((await edge.ask({})).status).toBe(400);
  expect(await edge.receipt()).toEqual(seen(1, 2));
});

test.each(SHAPES)(
  "token-slow makes every token of an %s stream later than the one before",
  async (shape, ask) => {
    await using edge = await modelEdge({ shape });
    const calm = await ask(edge);
    await edge.setFault({ kind: "token-slow", perTokenMs: 15 });
    const slow = await ask(edge);
    expect(slow.text).toBe(calm.text);
    const content = slow.events.filter(({ data }) => /"(?:content|text)":"[^"]/.test(data));
    expect(content).toHaveLength(12);
    for (const [index, { atMs }] of content.entries())
      expect(atMs).toBeGreaterThanOrEqual((index + 1) * 15 - 1);
    expect(await edge.receipt()).toEqual(seen(1));
  },
);

test("token-slow holds back a whole answer by its usage", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "token-slow", perTokenMs: 10 });
  expect((await edge.ask(CHAT)).endMs).toBeGreaterThanOrEqual(119);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("held tokens leave at once when token-slow is cleared", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "token-slow", perTokenMs: 60_000 });
  const pending = edge.ask(STREAM);
  await until(async () => (await edge.receipt())?.affected === 1);
  await edge.clear();
  expect((await pending).events.at(-1)?.data).toBe("[DONE]");
});

test("stream-stall keeps the socket open and pings by comments alone", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "stream-stall", afterEvents: 4, stallMs: 1_200, pings: true });
  const heard = await edge.ask(STREAM);
  expect(heard.comments).toEqual(["ping"]);
  expect((heard.events[4]?.atMs ?? 0) - (heard.events[3]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_190);
  expect(heard.events.at(-1)?.data).toBe("[DONE]");
});

test.each([
  [true, "whole"],
  [false, "broken"],
] as const)("stream-truncate (clean: %s) ends an %s message without finish reason", async (clean, end) => {
  await using edge = await modelEdge();
  const calm = await edge.ask(STREAM);
  await edge.setFault({ kind: "stream-truncate", afterEvents: 5, clean });
  const heard = await edge.ask(STREAM);
  expect(heard.end).toBe(end);
  expect(heard.events.map(({ data }) => data)).toEqual(calm.events.slice(0, 5).map(({ data }) => data));
  expect(heard.text).not.toContain('"finish_reason":"stop"');
  expect(await edge.receipt()).toEqual(seen(1));
  // The connection of a clean end serves on.
  await edge.clear();
  expect((await edge.ask(STREAM)).events.at(-1)?.data).toBe("[DONE]");
});

test.each(["stream-truncate", "stream-error"] as const)(
  "%s is no hit where the stream was over before, or was none",
  async (kind) => {
    await using edge = await modelEdge();
    await edge.setFault(
      kind === "stream-truncate"
        ? { kind, afterEvents: 50, clean: true }
        : { kind, afterEvents: 50, shape: "openai" },
    );
    expect((await edge.ask(STREAM)).events.at(-1)?.data).toBe("[DONE]");
    expect((await edge.ask(CHAT)).status).toBe(200);
    expect(await edge.receipt()).toEqual(seen(0, 2));
  },
);

test.each([
  ["openai", undefined, "server_error"],
  ["anthropic", "error", "overloaded_error"],
] as const)("stream-error in the shape of %s is the last event of a 200", async (shape, name, type) => {
  await using edge = await modelEdge({ shape });
  await edge.setFault({ kind: "stream-error", afterEvents: 3, shape });
  const ask = SHAPES.find(([of]) => of === shape)?.[1];
  const heard = await ask?.(edge);
  expect(heard).toMatchObject({ status: 200, end: "whole" });
  expect(heard?.events).toHaveLength(4);
  expect(heard?.events[3]?.event).toBe(name);
  expect(JSON.parse(heard?.events[3]?.data ?? "")).toMatchObject({ error: { type } });
  expect(await edge.receipt()).toEqual(seen(1));
});

test.each([
  [1, 15],
  [0.2, 3],
])("event-corrupt breaks a share of %s of the JSON events, as malformed JSON", async (share, broken) => {
  await using edge = await modelEdge();
  const calm = await edge.ask(STREAM);
  expect(calm.events).toHaveLength(15);
  await edge.setFault({ kind: "event-corrupt", share });
  const heard = await edge.ask(STREAM);
  const malformed = heard.events.filter(({ data }) => {
    try {
      JSON.parse(data);
      return false;
    } catch {
      return true;
    }
  });
  expect(heard.events).toHaveLength(15);
  // The sentinel is no JSON, and is left alone; the share is kept give or take one.
  expect(malformed.filter(({ data }) => data !== "[DONE]").length).toBeGreaterThanOrEqual(broken - 1);
  expect(malformed.filter(({ data }) => data !== "[DONE]").length).toBeLessThanOrEqual(broken);
  expect(heard.events.at(-1)?.data).toBe("[DONE]");
});

test.each(SHAPES)("event-duplicate repeats deltas of an %s stream and nothing else", async (shape, ask) => {
  await using edge = await modelEdge({ shape });
  const calm = await ask(edge);
  await edge.setFault({ kind: "event-duplicate", share: 0.5, mode: "repeat" });
  const heard = await ask(edge);
  expect(heard.events.length - calm.events.length).toBe(6);
  const repeated = heard.events.filter(
    ({ data }, index) => index > 0 && data === heard.events[index - 1]?.data,
  );
  expect(repeated).toHaveLength(6);
  expect(streamedText(heard)).not.toBe(streamedText(calm));
});

test.each(SHAPES)(
  "event-duplicate, cumulative: each delta of an %s stream carries all text so far",
  async (shape, ask) => {
    await using edge = await modelEdge({ shape });
    const calm = (await ask(edge)).events.map(deltaText);
    const soFar = calm.map((_, index) => calm.slice(0, index + 1).join(""));
    await edge.setFault({ kind: "event-duplicate", share: 1, mode: "cumulative" });
    const heard = await ask(edge);
    expect(heard.events.map(deltaText)).toEqual(calm.map((text, index) => (text === "" ? "" : soFar[index])));
    expect(heard.end).toBe("whole");
    expect(await edge.receipt()).toEqual(seen(1));
    await edge.setFault({ kind: "event-duplicate", share: 0.25, mode: "cumulative" });
    const some = (await ask(edge)).events.map(deltaText);
    const struck = some.filter((text, index) => text !== calm[index]);
    expect(struck.length).toBeGreaterThanOrEqual(2);
    expect(struck.length).toBeLessThanOrEqual(4);
    expect(some.every((text, index) => text === calm[index] || text === soFar[index])).toBe(true);
  },
);

test("event-duplicate, cumulative: arguments of a tool call and its text are each their own", async () => {
  await using edge = await modelEdge();
  const ask = { ...STREAM, ...OPENAI_TOOLS };
  const args = (heard: Heard): string[] =>
    heard.events
      .flatMap(({ data }) => /"arguments":("(?:[^"\\]|\\.)+")/.exec(data)?.[1] ?? [])
      .map((text) => JSON.parse(text) as string);
  const calm = args(await edge.ask(ask));
  await edge.setFault({ kind: "event-duplicate", share: 1, mode: "cumulative" });
  expect(args(await edge.ask(ask))).toEqual(calm.map((_, index) => calm.slice(0, index + 1).join("")));
  expect(calm.length).toBeGreaterThan(1);
});

test("tool-args-corrupt cuts the share off a streamed call's arguments, and says it is done", async () => {
  await using edge = await modelEdge();
  const ask = { ...STREAM, ...OPENAI_TOOLS };
  const args = (events: readonly { readonly data: string }[]): string =>
    events
      .filter(({ data }) => data !== "[DONE]")
      .map(({ data }) => {
        const value = JSON.parse(data) as {
          choices: { delta: { tool_calls?: { function: { arguments: string } }[] } }[];
        };
        return value.choices[0]?.delta.tool_calls?.[0]?.function.arguments ?? "";
      })
      .join("");
  const whole = args((await edge.ask(ask)).events);
  await edge.setFault({ kind: "tool-args-corrupt", cut: 0.4 });
  const heard = await edge.ask(ask);
  expect(args(heard.events)).toBe(whole.slice(0, Math.floor(0.6 * whole.length)));
  expect(heard.text).toContain('"finish_reason":"tool_calls"');
  expect(heard.events.at(-1)?.data).toBe("[DONE]");
  expect(await edge.receipt()).toEqual(seen(1));
});

test("tool-args-corrupt cuts an Anthropic stream's partial JSON", async () => {
  await using edge = await modelEdge({ shape: "anthropic" });
  const ask = { ...MESSAGES, ...ANTHROPIC_TOOLS, stream: true };
  await edge.setFault({ kind: "tool-args-corrupt", cut: 0.5 });
  const heard = await edge.ask(ask, "/v1/messages");
  const partial = heard.events
    .map(({ data }) => (JSON.parse(data) as { delta?: { partial_json?: string } }).delta?.partial_json ?? "")
    .join("");
  expect(partial).toMatch(/^\{"city"/);
  expect(() => JSON.parse(partial) as unknown).toThrow(SyntaxError);
  expect(heard.text).toContain('"stop_reason":"tool_use"');
});

test("tool-args-corrupt cuts whole answers of both shapes, and leaves text alone", async () => {
  await using openai = await modelEdge();
  await openai.setFault({ kind: "tool-args-corrupt", cut: 0.5 });
  const called = JSON.parse((await openai.ask({ ...CHAT, ...OPENAI_TOOLS })).text) as {
    choices: { message: { tool_calls: { function: { arguments: string } }[] } }[];
  };
  const text = called.choices[0]?.message.tool_calls[0]?.function.arguments ?? "{}";
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  expect((await openai.ask(CHAT)).text).toContain("When do the boats leave?");
  expect(await openai.receipt()).toEqual(seen(1, 2));
  await using anthropic = await modelEdge({ shape: "anthropic" });
  await anthropic.setFault({ kind: "tool-args-corrupt", cut: 0.5 });
  const message = JSON.parse(
    (await anthropic.ask({ ...MESSAGES, ...ANTHROPIC_TOOLS }, "/v1/messages")).text,
  ) as {
    content: { input: object }[];
  };
  expect(Object.keys(message.content[0]?.input ?? {})).toEqual(["city"]);
});

test.each(SHAPES)("answer-garbage says one character again and again in an %s stream", async (shape, ask) => {
  await using edge = await modelEdge({ shape });
  const calm = await ask(edge);
  await edge.setFault({ kind: "answer-garbage" });
  const heard = await ask(edge);
  expect(streamedText(heard)).toBe("!".repeat(streamedText(calm).length));
  expect(heard.events).toHaveLength(calm.events.length);
  expect(await edge.receipt()).toEqual(seen(1));
});

test("answer-garbage also speaks in whole answers, and leaves errors and lists alone", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "answer-garbage" });
  expect((await edge.ask(CHAT)).text).toMatch(/"content":"!{20,}"/);
  expect((await edge.ask(null, "/v1/models")).text).toContain("stub-1");
  expect((await edge.ask({})).text).toContain("you must provide a model");
  expect(await edge.receipt()).toEqual(seen(1, 3));
});

test("rate-limit refuses what is over the window's number, with the headers of real servers", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "rate-limit", requests: 2, windowMs: 60_000 });
  const heard = [await edge.ask(CHAT), await edge.ask(CHAT), await edge.ask(CHAT), await edge.ask(CHAT)];
  expect(heard.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
  expect(heard.map(({ headers }) => headers["x-ratelimit-remaining-requests"])).toEqual(["1", "0", "0", "0"]);
  expect(heard[2]?.headers).toMatchObject({
    "retry-after": "60",
    "x-ratelimit-limit-requests": "2",
    "x-ratelimit-reset-requests": expect.stringMatching(/^59\.\d{3}s$/),
  });
  expect(JSON.parse(heard[2]?.text ?? "")).toMatchObject({ error: { type: "rate_limit_error" } });
  expect(await edge.receipt()).toEqual(seen(2, 4));
});

test("rate-limit lets calls through again when the window is over", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "rate-limit", requests: 1, windowMs: 200 });
  expect((await edge.ask(CHAT)).status).toBe(200);
  expect((await edge.ask(CHAT)).status).toBe(429);
  await until(async () => (await edge.ask(CHAT)).status === 200);
});

test("a stream fault on unmarked calls does nothing, and says so", async () => {
  await using edge = await modelEdge();
  await edge.setFault({ kind: "answer-garbage" }, { type: "pattern", pattern: [false, true] });
  const texts = [await edge.ask(STREAM), await edge.ask(STREAM)].map(streamedText);
  expect(texts[0]).toContain("boats");
  expect(texts[1]).toMatch(/^!+$/);
  expect(await edge.receipt()).toEqual(seen(1, 2));
});
