import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadRequestSet } from "../../../src/config/request-set/load.ts";
import { redactBody } from "../../../src/config/request-set/redact-body.ts";
import { writeRequestSet } from "../../../src/config/request-set/write.ts";

const JSON_TYPE = "application/json";
const json = (value: unknown): unknown => JSON.parse(redactBody(JSON.stringify(value), JSON_TYPE));

describe("secrets in recorded bodies", () => {
  it("are replaced under every secret-named key, at any depth, whatever their type; the shape stays", () => {
    expect(
      json({
        model: "m",
        max_tokens: 100,
        API_Key: "s3cret",
        messages: [{ role: "user", content: "hi", metadata: { "access-token": "s3cret", n: 1 } }],
        tools: [
          { auth: { type: "basic", user: "s3cret", pin: 1234, on: true, none: null, list: ["s3cret"] } },
        ],
      }),
    ).toEqual({
      model: "m",
      max_tokens: 100,
      API_Key: "REDACTED",
      messages: [{ role: "user", content: "hi", metadata: { "access-token": "REDACTED", n: 1 } }],
      tools: [
        {
          auth: {
            type: "REDACTED",
            user: "REDACTED",
            pin: "REDACTED",
            on: true,
            none: null,
            list: ["REDACTED"],
          },
        },
      ],
    });
  });

  it("are found in JSON inside a string, as tool arguments are, and in addresses", () => {
    expect(
      json({
        arguments: '{"city": "Rome", "password": "s3cret"}',
        image_url: "https://u:s3cret@host/a?sig=s3cret&w=1",
        prose: "the password is written nowhere?password=kept",
      }),
    ).toEqual({
      arguments: '{"city":"Rome","password":"REDACTED"}',
      image_url: "https://REDACTED@host/a?sig=REDACTED&w=1",
      prose: "the password is written nowhere?password=kept",
    });
  });

  it.each([
    ["a form", "application/x-www-form-urlencoded; charset=utf-8", "user=a&client%5Fsecret=s3cret&b=1"],
    ["a form without its type", undefined, "user=a&password=s3cret"],
    [
      "a multipart form",
      "multipart/form-data; boundary=xx",
      '--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\ns3cret\r\n--xx\r\nContent-Disposition: form-data; name="data"\r\n\r\n{"token":"s3cret"}\r\n--xx--\r\n',
    ],
    ["lines of JSON", "application/x-ndjson", '{"a":1,"token":"s3cret"}\n{"b":{"secret":"s3cret"}}\n'],
    ["JSON cut short", JSON_TYPE, '{"a":{"password" : "s3cret\\"s3cret","b":"kept","token":"s3cr'],
    ["a name behind escapes", JSON_TYPE, '{"pass\\u0077ord":"s3cret"}'],
    ["a name of the suite's own", JSON_TYPE, '{"x":{"Customer_Number":"s3cret"}}'],
  ])("are found in %s", (_, type, body) => {
    const redacted = redactBody(body, type, ["customer-number"]);
    expect(redacted).not.toContain("s3cr");
    expect(redacted).toContain("REDACTED");
  });

  it("leave a multipart form's other parts as they were", () => {
    const part = (name: string, value: string): string =>
      `--xx\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const form = (secret: string): string => `${part("a", "kept")}${part("token", secret)}--xx--\r\n`;
    expect(redactBody(form("s3cret"), 'multipart/form-data; boundary="xx"')).toBe(form("REDACTED"));
  });

  it("are no reason to touch a body without any: not a space, not a digit", () => {
    for (const body of [
      '{ "a" : 12345678901234567890 }',
      "plain = text",
      "",
      "a=b&c=d",
      "<x>password=1</x>",
    ]) {
      expect(redactBody(body, undefined)).toBe(body);
    }
  });

  it("do not make a hostile body throw", () => {
    const deep = `${'{"a":'.repeat(100_000)}{"token":"s3cret"}${"}".repeat(100_000)}`;
    expect(redactBody(deep, JSON_TYPE)).not.toContain("s3cret");
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), fc.string(), (body, type) => {
        expect(typeof redactBody(body, type)).toBe("string");
      }),
    );
  });

  it("stay out of the written set, which reads back as redacted", () => {
    const text = writeRequestSet([
      {
        id: "a",
        method: "POST",
        path: "/x",
        headers: { "content-type": JSON_TYPE },
        body: '{"q":"hi","nested":{"deep":[{"api_key":"s3cret"}]}}',
        weight: 1,
        expect: {},
        stream: "auto",
      },
    ]);
    expect(text).not.toContain("s3cret");
    expect(loadRequestSet(text, { file: "set.jsonl" }).requests[0]?.body).toBe(
      '{"q":"hi","nested":{"deep":[{"api_key":"REDACTED"}]}}',
    );
  });
});
