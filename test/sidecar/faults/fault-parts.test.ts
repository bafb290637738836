import { assert, double, integer, json, property } from "fast-check";
import { expect, test } from "vitest";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../../../src/core/fault-catalogue.ts";
import { randomFor } from "../../../src/core/random.ts";
import { evenShare } from "../../../src/sidecar/faults/even-share.ts";
import type { SseEvent } from "../../../src/sidecar/faults/fault.ts";
import { mutateJson } from "../../../src/sidecar/faults/json-mutation.ts";
import { editEvent, isContent, visitContent } from "../../../src/sidecar/faults/model-answer.ts";
import { FAULTS } from "../../../src/sidecar/faults/registry.ts";

const event = (data: string | null, name = ""): SseEvent => ({
  raw: Buffer.from(`data: ${data ?? ""}\n\n`),
  data,
  event: name,
  newline: "\n",
});

test("an even share is kept in every run of items, give or take one", () => {
  assert(
    property(
      double({ min: 0.001, max: 1, noNaN: true }),
      integer(),
      integer({ min: 1, max: 500 }),
      (share, seed, n) => {
        const takes = evenShare(share, randomFor(seed, "x"));
        const taken = Array.from({ length: n }, () => takes()).filter(Boolean).length;
        expect(Math.abs(taken - n * share)).toBeLessThanOrEqual(1 + 1e-6);
      },
    ),
  );
});

test("a truncated JSON object or array is never JSON, and no mutation throws or returns the text itself", () => {
  assert(
    property(json(), integer(), (text, seed) => {
      const random = () => randomFor(seed, "m");
      const cut = mutateJson(`{"a":${text}}`, "truncate", random());
      expect(() => JSON.parse(cut ?? "{}") as unknown).toThrow(SyntaxError);
      for (const mutation of ["drop-key", "type-swap"] as const) {
        expect(mutateJson(`{"a":${text}}`, mutation, random())).not.toBe(
          JSON.stringify(JSON.parse(`{"a":${text}}`)),
        );
        expect(mutateJson(text.slice(0, -1), mutation, random())).not.toBe(text);
      }
    }),
  );
  expect(mutateJson("no json", "drop-key", randomFor(1))).toBeNull();
  expect(mutateJson("[1,2]", "drop-key", randomFor(1))).toBeNull();
});

test.each([
  ['{"choices":[{"delta":{"content":"a"}}]}', true],
  ['{"choices":[{"delta":{"role":"assistant","content":""}}]}', false],
  ['{"choices":[{"delta":{},"finish_reason":"stop"}]}', false],
  ['{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}', true],
  ['{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}}]}', false],
  ['{"choices":[],"usage":{}}', false],
  ['{"type":"message_start","message":{}}', false],
  ['{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}', true],
  ['{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}', false],
  ["[DONE]", false],
  ['{"token":"a service of its own"}', true],
  ["plain text", true],
  ["", false],
  [null, false],
])("content is told from the rest: %s", (data, content) => {
  expect(isContent(event(data))).toBe(content);
});

test("hostile values break no visitor", () => {
  assert(
    property(json(), (text) => {
      const shapes = [
        `{"choices":${text}}`,
        `{"choices":[${text}]}`,
        `{"choices":[{"delta":${text},"message":${text}}]}`,
      ];
      const others = [
        `{"type":"message","content":${text}}`,
        `{"type":"content_block_delta","delta":${text}}`,
        text,
      ];
      for (const shape of [...shapes, ...others]) {
        const value = JSON.parse(shape) as unknown;
        visitContent(value, (piece) => piece.text);
        expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(shape)));
      }
    }),
  );
});

test("an edited event keeps its other fields, and an edit that changes nothing keeps the very event", () => {
  const data = '{"choices":[{"index":0,"delta":{"content":"a"}}]}';
  const original: SseEvent = {
    raw: Buffer.from(`: c\r\nid: 1\r\ndata: ${data}\r\nretry: 5\r\n\r\n`),
    data,
    event: "",
    newline: "\r\n",
  };
  expect(editEvent(original, ({ text }) => text)).toBe(original);
  expect(editEvent(original, () => "b").raw.toString()).toBe(
    `: c\r\nid: 1\r\ndata: ${data.replace('"a"', '"b"')}\r\nretry: 5\r\n\r\n`,
  );
});

test("every kind that the catalogue gives to the sidecar is there, and no other", () => {
  const promised = FAULT_KINDS.filter((kind) => FAULT_CATALOGUE[kind].engines.includes("sidecar"));
  expect(Object.keys(FAULTS).sort()).toEqual(promised.toSorted());
});
