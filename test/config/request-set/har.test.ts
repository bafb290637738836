import { describe, expect, it } from "vitest";
import { loadRequestSet } from "../../../src/config/request-set/load.ts";
import { SquallError } from "../../../src/core/errors.ts";

const entry = (url: string, more: object = {}, at = "2026-01-01T00:00:00.000Z") => ({
  startedDateTime: at,
  time: 5,
  request: {
    method: "GET",
    url,
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: [],
    queryString: [],
    ...more,
  },
  response: { status: 200, content: { mimeType: "application/json" } },
});
const har = (...entries: unknown[]): string => JSON.stringify({ log: { version: "1.2", entries } });
const load = (text: string) => loadRequestSet(text, { file: "session.har" });
const problems = (text: string): readonly string[] => {
  try {
    load(text);
  } catch (error) {
    if (error instanceof SquallError) return error.detail;
    throw error;
  }
  throw new Error("the HAR file was accepted");
};

describe("request sets from HAR 1.2", () => {
  it("keeps method, path, body and times as offsets from the first request", () => {
    const post = {
      method: "POST",
      headers: [{ name: "Content-Type", value: "application/json" }],
      postData: { mimeType: "application/json", text: '{"q":1}' },
    };
    const set = load(
      har(
        entry("http://api/b?x=1", post, "2026-01-01T00:00:01.250Z"),
        entry("http://api/a", {}, "2026-01-01T00:00:01.000Z"),
      ),
    );
    expect(set.requests).toEqual([
      {
        id: "entry-1",
        method: "POST",
        path: "/b?x=1",
        headers: { "content-type": "application/json" },
        body: '{"q":1}',
        weight: 1,
        atMs: 250,
        expect: {},
        stream: "auto",
      },
      {
        id: "entry-2",
        method: "GET",
        path: "/a",
        headers: {},
        weight: 1,
        atMs: 0,
        expect: {},
        stream: "auto",
      },
    ]);
  });

  it("leaves out credentials, cookies, framing and pseudo-headers", () => {
    const headers = [
      "Host",
      "Content-Length",
      "Authorization",
      "Cookie",
      "X-Api-Key",
      ":authority",
      "Connection",
    ];
    const set = load(
      har(
        entry("http://api/a?api_key=s3cret&q=1", {
          headers: [...headers.map((name) => ({ name, value: "s3cret" })), { name: "Accept", value: "*/*" }],
          cookies: [{ name: "a", value: "s3cret" }],
        }),
      ),
    );
    expect(set.requests[0]?.headers).toEqual({ accept: "*/*" });
    expect(JSON.stringify(set)).not.toContain("s3cret");
  });

  it("builds a form body from its parameters", () => {
    const postData = {
      mimeType: "application/x-www-form-urlencoded",
      params: [{ name: "a b", value: "c&d" }],
    };
    const set = load(har(entry("http://api/a", { method: "POST", postData })));
    expect(set.requests[0]).toMatchObject({
      body: "a+b=c%26d",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  });

  it("expects the recorded status where it was no success, and a stream where one was recorded", () => {
    const lost = { ...entry("http://api/a"), response: { status: 404 } };
    const stream = {
      ...entry("http://api/b"),
      response: { status: 200, content: { mimeType: "text/event-stream; charset=utf-8" } },
    };
    const set = load(har(lost, stream));
    expect(set.requests.map((request) => [request.expect, request.stream])).toEqual([
      [{ status: [404] }, "auto"],
      [{}, true],
    ]);
  });

  it("passes over what is no HTTP request", () => {
    const set = load(har(entry("data:text/plain,x"), entry("wss://api/socket"), entry("https://api/a")));
    expect(set.requests.map(({ id }) => id)).toEqual(["entry-3"]);
  });

  it.each([
    ["another file", "{}", "a HAR 1.2 file"],
    ["text", "hello", "a HAR 1.2 file"],
    ["no entry", har(), "at least one request"],
    ["several services", har(entry("http://a/"), entry("http://b/")), "requests to one service"],
    ["an entry without request", har({ startedDateTime: "2026-01-01T00:00:00Z" }), "log.entries[0] request"],
    ["a time that is none", har(entry("http://a/", {}, "yesterday")), "an ISO 8601 time"],
    ["a method to tunnel with", har(entry("http://a/", { method: "CONNECT" })), "request.method"],
    [
      "a header with a line break",
      har(entry("http://a/", { headers: [{ name: "a", value: "b\r\nc: d" }] })),
      "without control characters",
    ],
  ])("refuses %s", (_, text, message) => {
    expect(problems(text).join("\n")).toContain(message);
  });
});
