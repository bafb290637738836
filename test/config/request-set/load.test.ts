import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadRequestSet } from "../../../src/config/request-set/load.ts";
import { redactBody } from "../../../src/config/request-set/redact-body.ts";
import { writeRequestSet } from "../../../src/config/request-set/write.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { redactUrl } from "../../../src/core/redaction.ts";
import type { RequestTemplate } from "../../../src/core/workload.ts";

const load = (text: string, file = "requests.jsonl") => loadRequestSet(text, { file });
const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join("\n");

const refusal = (text: string, file = "requests.jsonl"): SquallError => {
  try {
    load(text, file);
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("the request set was accepted");
};

describe("request sets as JSONL", () => {
  it("reads an OpenAI batch file as it is", () => {
    const body = { model: "m", messages: [{ role: "user", content: "hi {{nonce}}" }] };
    const set = load(
      lines({ custom_id: "request-1", method: "POST", url: "/v1/chat/completions", body }) + "\r\n\n",
    );
    expect(set.requests).toEqual([
      {
        id: "request-1",
        method: "POST",
        path: "/v1/chat/completions",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        weight: 1,
        expect: {},
        stream: "auto",
      },
    ]);
    expect(set.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("reads every x_ key", () => {
    const set = load(
      lines({
        custom_id: "a",
        method: "get",
        url: "/search?q={{nonce}}",
        x_weight: 2.5,
        x_at: "1.5s",
        x_stream: true,
        x_headers: { Accept: "text/event-stream" },
        x_expect: {
          status: 404,
          json_schema: { type: "object" },
          contains: "yes",
          equals_calm: true,
          stream_complete: false,
        },
      }),
    );
    expect(set.requests).toEqual([
      {
        id: "a",
        method: "GET",
        path: "/search?q={{nonce}}",
        headers: { accept: "text/event-stream" },
        weight: 2.5,
        atMs: 1500,
        stream: true,
        expect: {
          status: [404],
          jsonSchema: { type: "object" },
          contains: ["yes"],
          equalsCalm: true,
          streamComplete: false,
        },
      },
    ]);
  });

  it("reads the short form, and a body as text", () => {
    const set = load(`\uFEFF${lines({ id: "a", path: "/x", body: "plain", at: 20 }, { path: "/y" })}`);
    expect(
      set.requests.map(({ id, method, path, body, atMs }) => ({ id, method, path, body, atMs })),
    ).toEqual([
      { id: "a", method: "POST", path: "/x", body: "plain", atMs: 20 },
      { id: "line-2", method: "GET", path: "/y", body: undefined, atMs: undefined },
    ]);
    expect(set.requests[0]?.headers).toEqual({});
  });

  it("makes a foreign custom_id safe and keeps different ones different", () => {
    const ids = load(
      lines(
        { custom_id: "frage 1/ä~\r\nx: y", url: "/a" },
        { custom_id: "frage 1/ö~\r\nx: y", url: "/a" },
        { custom_id: "x".repeat(300), url: "/a" },
      ),
    ).requests.map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    expect(new Set(ids).size).toBe(3);
  });

  it("gives equal sets equal hashes, whatever the order of keys, and other sets others", () => {
    const one = load(lines({ id: "a", path: "/x", expect: { status: 200, contains: "b" } }));
    const same = load(lines({ expect: { contains: "b", status: 200 }, path: "/x", id: "a" }));
    const other = load(lines({ id: "a", path: "/x", expect: { status: 201, contains: "b" } }));
    expect(same.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });

  it("lists every problem with its line, what was found and what is allowed", () => {
    const error = refusal(
      [
        lines({ id: "a", path: "/x" }),
        "not json",
        lines({ id: "a", path: "/x" }),
        lines({ id: "b c", path: "x", x_wieght: 2, weight: -1 }),
        "[1]",
      ].join("\n"),
    );
    expect(error.code).toBe("request-set-invalid");
    expect(error.place).toBe("requests.jsonl:2");
    expect(error.detail).toEqual([
      'requests.jsonl:2: found "not json"; allowed: one JSON object on one line',
      'requests.jsonl:3 id: found "a", as on line 1; allowed: every id once',
      expect.stringMatching(
        /^requests\.jsonl:4 x_wieght: found an unknown key; allowed: .*did you mean x_weight\?$/,
      ),
      'requests.jsonl:4 path: found "x"; allowed: a path that begins with /, such as /v1/chat/completions',
      'requests.jsonl:4 id: found "b c"; allowed: 1 to 64 letters, digits, dots, underscores and hyphens',
      "requests.jsonl:4 weight: found -1; allowed: a number above 0",
      "requests.jsonl:5: found [1]; allowed: a JSON object",
    ]);
  });

  it.each([
    ["an empty file", "", "at least one request"],
    ["null", "null", "a JSON object"],
    ["a number beyond JSON's", '{"path":"/x","weight":1e999}', "a number above 0"],
    ["a prototype key", '{"path":"/x","__proto__":{"method":"GET"}}', "unknown key"],
    ["a prototype header", '{"path":"/x","headers":{"__proto__":"x"}}', "headers"],
    ["a constructor key", '{"path":"/x","constructor":1}', "unknown key"],
    [
      "a header with a line break",
      lines({ path: "/x", headers: { a: "b\r\nc: d" } }),
      "without control characters",
    ],
    ["a header of our own", lines({ path: "/x", headers: { Host: "a" } }), "which squall sets itself"],
    [
      "a smuggled key",
      lines({ path: "/x", headers: { "X-Squall-Request": "a" } }),
      "which squall sets itself",
    ],
    ["a header twice", lines({ path: "/x", headers: { a: "1", A: "2" } }), "every header once"],
    ["a header that is a number", lines({ path: "/x", headers: { a: 1 } }), "x"],
    ["a path with a space", lines({ path: "/a b" }), "percent-encode"],
    ["a path with a line break", lines({ path: "/a\r\nhost: b" }), "percent-encode"],
    ["a whole URL", lines({ path: "http://elsewhere/" }), "begins with /"],
    ["a method to tunnel with", lines({ path: "/x", method: "CONNECT" }), "GET, HEAD, POST"],
    ["a body with GET", lines({ path: "/x", method: "GET", body: {} }), "no body, or another method"],
    ["both spellings", lines({ path: "/x", url: "/y" }), "one of the two"],
    ["an unknown expectation", lines({ path: "/x", expect: { staus: 200 } }), "did you mean status?"],
    ["a status beyond HTTP's", lines({ path: "/x", expect: { status: 9 } }), "expect.status"],
    ["a batch's output", lines({ custom_id: "a", response: {} }), "lines of a batch's input"],
    ["a time before the start", lines({ path: "/x", at: -1 }), "milliseconds from the start"],
    ["a text for a flag", lines({ path: "/x", stream: "yes" }), 'true, false or "auto"'],
    ["an id with a tilde", lines({ id: "a~1", path: "/x" }), "1 to 64 letters"],
    ["a reserved id", '{"id":"__proto__","path":"/x"}', "1 to 64 letters"],
  ])("refuses %s", (_, text, allowed) => {
    expect(refusal(text).detail.join("\n")).toContain(allowed);
  });

  it("bounds the file, the line and the number of requests", () => {
    expect(refusal(" ".repeat(64 * 1024 * 1024 + 1)).detail[0]).toContain("at most 67 MB");
    expect(refusal(lines({ path: "/x", body: "x".repeat(10_000_001) })).detail[0]).toContain(
      "lines of at most 10 MB",
    );
    const many = Array.from({ length: 20_001 }, (_, index) => `{"id":"${index}","path":"/x"}`).join("\n");
    expect(refusal(many).detail).toEqual([
      "requests.jsonl:20001: found one request more; allowed: at most 20000 requests",
    ]);
  });

  it("survives a body nested past the stack", () => {
    const deep = `{"path":"/x","body":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect(refusal(deep).detail[0]).toContain("nested too deeply");
    const schema = `{"path":"/x","expect":{"json_schema":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}}`;
    expect(refusal(schema).detail[0]).toContain("expect.json_schema");
  });

  it("keeps escapes and direction characters out of its messages", () => {
    const text = refusal(lines({ path: "/x", "\u001b[31m\u202eevil\n": 1 })).detail.join("");
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("never throws anything but its own error, and what it accepts can be sent", () => {
    const line = fc.dictionary(
      fc.constantFrom("id", "url", "path", "body", "x_expect", "headers", "weight", "__proto__"),
      fc.oneof(fc.jsonValue(), fc.webPath()),
    );
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      line.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        let outcome: string;
        try {
          const { requests } = load(hostile);
          outcome = requests.every(({ path }) => /^\/[!-~]*$/.test(path)) ? "sendable" : "not sendable";
        } catch (error) {
          outcome = error instanceof SquallError ? error.code : String(error);
        }
        expect(["sendable", "request-set-invalid"]).toContain(outcome);
      }),
    );
  });
});

const template: fc.Arbitrary<RequestTemplate> = fc
  .record({
    path: fc.stringMatching(/^\/[a-z{}?=&.]{0,20}$/),
    headers: fc.dictionary(
      fc.constantFrom("accept", "x-a", "content-type"),
      fc.constantFrom("a/b", "application/json"),
    ),
    body: fc.option(fc.oneof(fc.string(), fc.json()), { nil: undefined }),
    weight: fc.double({ min: 0.1, max: 9, noNaN: true }),
    atMs: fc.option(fc.nat(1000), { nil: undefined }),
    stream: fc.constantFrom(true, false, "auto" as const),
    status: fc.option(fc.array(fc.integer({ min: 100, max: 599 }), { minLength: 1 }), { nil: undefined }),
  })
  .map(({ body, atMs, status, ...rest }) => ({
    ...rest,
    id: "a",
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { body }),
    ...(atMs === undefined ? {} : { atMs }),
    expect: status === undefined ? {} : { status },
  }));

describe("a written request set", () => {
  it("reads back as the same requests, where they hold no secret", () => {
    fc.assert(
      fc.property(template, (request) => {
        const { path, body, headers } = request;
        fc.pre(redactUrl(path, []) === path);
        fc.pre(body === undefined || redactBody(body, headers["content-type"], []) === body);
        expect(load(writeRequestSet([request])).requests).toEqual([request]);
      }),
    );
  });

  it("holds no secret of headers or query keys", () => {
    const text = writeRequestSet(
      [
        {
          id: "a",
          method: "GET",
          path: "/x?api_key=s3cret&q=1&X-Amz-Signature=s3cret&mine=s3cret",
          headers: {
            authorization: "Bearer s3cret",
            cookie: "a=s3cret",
            "x-api-key": "s3cret",
            "x-mine": "s3cret",
          },
          weight: 1,
          expect: {},
          stream: "auto",
        },
      ],
      ["mine", "X-Mine"],
    );
    expect(text).not.toContain("s3cret");
    expect(text).toContain("q=1");
  });
});
