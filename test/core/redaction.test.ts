import { describe, expect, it } from "vitest";
import { isSecretName, redactHeaders, redactLine, redactUrl } from "../../src/core/redaction.ts";

describe("redaction", () => {
  it.each([
    "Authorization",
    "Set-Cookie",
    "X-API-Key",
    "api_key",
    "x-amz-security-token",
    "client_secret",
    "OPENAI_API_KEY",
  ])("knows %s as a secret", (name) => expect(isSecretName(name)).toBe(true));
  it.each(["content-type", "x-ratelimit-remaining-tokens", "max_tokens", "retry-after", "monkey", "keyword"])(
    "leaves %s alone",
    (name) => expect(isSecretName(name)).toBe(false),
  );

  it("replaces secret header values and secrets in addresses, whatever the case", () => {
    expect(
      redactHeaders(
        { AUTHORIZATION: "Bearer x", accept: "a/b", Referer: "http://u:p@h/?token=x&a=1", "X-Mine": "x" },
        ["x_mine"],
      ),
    ).toEqual({
      AUTHORIZATION: "REDACTED",
      accept: "a/b",
      Referer: "http://REDACTED@h/?token=REDACTED&a=1",
      "X-Mine": "REDACTED",
    });
  });

  it.each([
    ["/a?api_key=x&b=1", "/a?api_key=REDACTED&b=1"],
    ["/a?b=1&API%5FKEY=x", "/a?b=1&API%5FKEY=REDACTED"],
    ["/a?b=1;sig=x#access_token=x", "/a?b=1;sig=REDACTED#access_token=REDACTED"],
    ["/a?token=x=y", "/a?token=REDACTED"],
    ["/a?%zz=1&key=x", "/a?%zz=1&key=REDACTED"],
    ["/plain/path", "/plain/path"],
  ])("%s becomes %s", (url, redacted) => expect(redactUrl(url)).toBe(redacted));

  it.each([
    ['"GET /a?token=x HTTP/1.1" 200', '"GET /a?token=REDACTED HTTP/1.1" 200'],
    ["api_key=x, n=1 x-mine=y", "api_key=REDACTED, n=1 x-mine=REDACTED"],
    ["calling https://u:p@h/x", "calling https://REDACTED@h/x"],
    ["authorization: Bearer abcdef.gh", "authorization: Bearer REDACTED"],
    ['{"password": "x", "user": "y"}', '{"password":"REDACTED", "user": "y"}'],
    ["max_tokens=5 key error a=b", "max_tokens=5 key error a=b"],
  ])("of a log line %s leaves %s", (line, redacted) => expect(redactLine(line, ["X-Mine"])).toBe(redacted));

  it("takes no longer for a line that looks like a name without an end", () => {
    const line = `${"a".repeat(2000)} ${"//a".repeat(700)} ${'"'.repeat(2000)}`;
    expect(redactLine(line)).toBe(line);
  });
});
