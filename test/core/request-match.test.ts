import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { pathFits, requestFits } from "../../src/core/request-match.ts";

/** The same rule, said by a regular expression. */
const byExpression = (pattern: string, target: string): boolean => {
  const path = target.split("?", 1)[0] ?? "";
  if (!pattern.includes("*")) return path.startsWith(pattern);
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(path);
};

const text = (letters: readonly string[]) =>
  array(constantFrom(...letters), { maxLength: 12 }).map((all) => all.join(""));

describe("a path", () => {
  test.each([
    ["/v1", "/v1/chat", true],
    ["/v1", "/v2/chat", false],
    ["/v1/*/items", "/v1/7/items", true],
    ["/v1/*/items", "/v1/7/items/3", false],
    ["/v1/*/items", "/v1/7/other", false],
    ["/v1/*", "/v1/", true],
    ["*/chat", "/v1/chat?stream=1", true],
    ["/a*a", "/a", false],
  ])("%s of %s: %s", (pattern, target, fits) => {
    expect(pathFits(pattern, target)).toBe(fits);
  });

  test("fits as the regular expression of its glob does", () => {
    assert(
      property(text(["a", "b", "/", "*", "."]), text(["a", "b", "/", ".", "?"]), (pattern, target) => {
        expect(pathFits(pattern, target)).toBe(byExpression(pattern, target));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a request", () => {
  const request = {
    method: "POST",
    path: "/v1/chat",
    header: (name: string) => (name === "x-tier" ? "gold" : undefined),
  };
  test.each([
    [{}, true],
    [{ method: "post" }, true],
    [{ method: "GET" }, false],
    [{ header: { name: "X-Tier" } }, true],
    [{ header: { name: "X-Tier", value: "gold" } }, true],
    [{ header: { name: "X-Tier", value: "tin" } }, false],
    [{ header: { name: "X-Other" } }, false],
    [{ method: "POST", path: "/v1", header: { name: "x-tier" } }, true],
    [{ method: "POST", path: "/v2", header: { name: "x-tier" } }, false],
  ])("%o: %s", (match, fits) => {
    expect(requestFits(match, request)).toBe(fits);
  });
});
