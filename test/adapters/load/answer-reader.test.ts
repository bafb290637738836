import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader, KEPT_BYTES, type ReadAnswer } from "../../../src/adapters/load/answer-reader.ts";
import { modelAnswerText, tellsError } from "../../../src/adapters/load/answer-text.ts";
import { type EventMeaning, readEvent } from "../../../src/adapters/load/stream-event.ts";
import { DONE, delta } from "../../support/hostile-servers/behaviours.ts";
import { template, workload } from "../../support/hostile-servers/load-start.ts";

const END = workload().streamEnd;

const read = async (
  parts: readonly Uint8Array[],
  contentType: string,
): Promise<ReadAnswer & { events: number }> => {
  let events = 0;
  const reader = new AnswerReader({
    template: template("/x"),
    workload: workload(),
    headers: { "content-type": contentType },
    onContent: () => {
      events += 1;
    },
    onSentinel: () => undefined,
  });
  for (const part of parts) reader.write(Buffer.from(part));
  return { ...(await reader.end(true)), events };
};

/** The bytes, cut at these places. */
const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
};

describe("what one event means", () => {
  const chat = (fields: object, finish: string | null = null): string =>
    JSON.stringify({ choices: [{ delta: fields, finish_reason: finish }] });
  test.each<[string, string, string, Partial<EventMeaning>]>([
    ["an OpenAI delta", "", chat({ content: "Hi" }), { content: true, text: "Hi", finish: false }],
    ["a role alone", "", chat({ role: "assistant", content: "" }), { content: false }],
    ["reasoning", "", chat({ reasoning_content: "hm" }), { content: true, text: "" }],
    [
      "a tool call",
      "",
      chat({ tool_calls: [{ function: { name: "f", arguments: "{" } }] }),
      { content: true, text: "f{" },
    ],
    ["a finish reason", "", chat({}, "stop"), { content: false, finish: true }],
    ["a null finish reason", "", chat({}), { finish: false }],
    ["a usage frame", "", '{"choices":[],"usage":{"total_tokens":3}}', { content: false }],
    ["a text completion", "", '{"choices":[{"text":"Hi"}]}', { content: true, text: "Hi" }],
    ["the end", "", "[DONE]", { sentinel: true, content: false }],
    [
      "an Anthropic delta",
      "content_block_delta",
      '{"type":"content_block_delta","delta":{"text":"Hi"}}',
      { content: true, text: "Hi" },
    ],
    [
      "Anthropic tool input",
      "content_block_delta",
      '{"type":"content_block_delta","delta":{"partial_json":"{"}}',
      { content: true, text: "{" },
    ],
    ["Anthropic's ping", "ping", '{"type":"ping"}', { content: false }],
    [
      "Anthropic's reason",
      "message_delta",
      '{"type":"message_delta","delta":{"stop_reason":"x"}}',
      { finish: true },
    ],
    ["Anthropic's end", "message_stop", '{"type":"message_stop"}', { sentinel: true, content: false }],
    ["Anthropic's error", "error", '{"type":"error","error":{}}', { error: true, content: false }],
    ["OpenAI's error", "", '{"error":{"message":"x"}}', { error: true, content: false }],
    [
      "a responses delta",
      "",
      '{"type":"response.output_text.delta","delta":"Hi"}',
      { content: true, text: "Hi" },
    ],
    ["a responses frame", "", '{"type":"response.output_text.done","text":"Hi"}', { content: false }],
    ["Ollama's chat", "", '{"message":{"content":"Hi"},"done":false}', { content: true, text: "Hi" }],
    ["plain words", "", "Hi there", { content: true, text: "Hi there" }],
    ["an unknown object", "", '{"x":1}', { content: true, text: '{"x":1}' }],
    ["a null error", "", '{"error":null,"token":"Hi"}', { error: false, content: true, text: "Hi" }],
  ])("%s", (_name, name, data, meaning) => {
    expect(readEvent({ name, data }, END)).toMatchObject(meaning);
  });

  test("no data throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.string(), (data, name) => {
        const meaning = readEvent({ name, data }, END);
        expect(meaning.content && meaning.sentinel && meaning.error).toBe(false);
      }),
    );
  });
});

describe("the text of a JSON answer", () => {
  test.each<[string, unknown, string | undefined]>([
    ["OpenAI chat", { id: "1", choices: [{ message: { content: "Hi" } }] }, "Hi"],
    ["OpenAI parts", { choices: [{ message: { content: [{ type: "text", text: "Hi" }] } }] }, "Hi"],
    [
      "a tool call",
      {
        choices: [{ message: { content: null, tool_calls: [{ function: { name: "f", arguments: "{}" } }] } }],
      },
      "f{}",
    ],
    [
      "Anthropic",
      { type: "message", content: [{ text: "Hi" }, { name: "f", input: { a: 1 } }] },
      'Hif{"a":1}',
    ],
    ["OpenAI responses", { object: "response", output: [{ content: [{ text: "Hi" }] }] }, "Hi"],
    ["any other JSON", { answer: "Hi" }, undefined],
    ["no object", [1], undefined],
  ])("%s", (_name, json, text) => {
    expect(modelAnswerText(json)).toBe(text);
  });
  test("nothing that parses makes it throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        modelAnswerText({ choices: value });
        modelAnswerText({ type: "message", content: value });
        expect(tellsError({ error: null, value })).toBe(false);
      }),
    );
  });
});

describe("reading as it arrives", () => {
  const stream = Buffer.from(
    `: hello\n\n${delta("Grü")}event: ping\ndata: {}\n\n${delta("ße 🎉", "stop")}${DONE}`,
  );

  test("where the bytes are cut makes no difference", async () => {
    const uncut = await read([stream], "text/event-stream");
    expect(uncut).toMatchObject({
      text: "Grüße 🎉",
      events: 2,
      facts: { marks: { sentinel: true, finish: true } },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 10_000 }), { maxLength: 30 }), async (places) => {
        expect(await read(cutAt(stream, places), "text/event-stream")).toEqual(uncut);
      }),
    );
  });

  test("a stream cut anywhere before its last event is not whole", async () => {
    for (let length = 0; length < stream.length - 1; length++) {
      const { facts } = await read([stream.subarray(0, length)], "text/event-stream");
      expect([length, facts.marks.sentinel]).toEqual([length, false]);
    }
  });

  test("no bytes make it throw, whatever they are said to be", async () => {
    const types = fc.constantFrom(
      "text/event-stream",
      "application/json",
      "application/x-ndjson",
      "text/plain",
      "",
      "a/b",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), types, async (parts, type) => {
        const answer = await read(parts, type);
        expect(answer.hash).toMatch(/^([0-9a-f]{16})?$/);
      }),
    );
  });

  test("keeps a bounded part of an endless answer", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    const { body } = await read(
      Array.from({ length: 20 }, () => megabyte),
      "text/plain",
    );
    expect(body).toHaveLength(KEPT_BYTES);
  });

  test("bytes that are no text are hashed as they are", async () => {
    const one = await read([Uint8Array.of(1, 2), Uint8Array.of(255)], "application/octet-stream");
    const same = await read([Uint8Array.of(1, 2, 255)], "application/octet-stream");
    const other = await read([Uint8Array.of(1, 2, 254)], "application/octet-stream");
    expect(one.hash).toBe(same.hash);
    expect(one.hash).not.toBe(other.hash);
    expect(one.facts.broken).toBe(false);
  });

  test("text in another charset is no broken text", async () => {
    const latin = await read([Uint8Array.of(0x47, 0xfc)], "text/plain; charset=iso-8859-1");
    expect(latin).toMatchObject({ text: "Gü", facts: { broken: false } });
    const broken = await read([Uint8Array.of(0x47, 0xfc)], "text/plain");
    expect(broken.facts.broken).toBe(true);
  });
});
