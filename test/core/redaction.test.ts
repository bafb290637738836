import { describe, expect, it } from "vitest";
import { isSecretName, redactHeaders, redactUrl } from "../../src/core/redaction.ts";

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
});
