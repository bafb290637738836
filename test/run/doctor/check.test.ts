import { expect, test } from "vitest";
import { ask, type Question } from "../../../src/run/doctor/check.ts";

const question = (look: Question["look"]): Question => ({
  name: "engine",
  neededFor: "something",
  otherwise: { state: "missing", remedy: "Start it." },
  look,
});

test("what was found gets the question's name and purpose", async () => {
  expect(await ask(question(async () => ({ state: "ok", found: "it is here" })))).toEqual({
    name: "engine",
    state: "ok",
    found: "it is here",
    neededFor: "something",
  });
});

test("a look that never ends is a line, and is told to end", async () => {
  const ended = Promise.withResolvers<boolean>();
  const check = await ask(
    question((signal) => {
      signal.addEventListener("abort", () => ended.resolve(signal.aborted));
      return new Promise(() => undefined);
    }),
    20,
  );
  expect(check).toMatchObject({ state: "missing", found: "no answer within 0.02 s", remedy: "Start it." });
  expect(await ended.promise).toBe(true);
});

test.each([
  ["a rejection", () => Promise.reject(new Error("broken pipe"))],
  [
    "a throw before anything is awaited",
    () => {
      throw new Error("broken pipe");
    },
  ],
])("%s is a line", async (_, look) => {
  expect(await ask(question(look))).toMatchObject({
    state: "missing",
    found: "broken pipe",
    remedy: "Start it.",
  });
});

test("a stranger's text comes out on one line, bounded and without control characters", async () => {
  const hostile = `\u001B[31mred\u202E\n::error::${"x".repeat(100_000)}`;
  const { found, remedy = "" } = await ask(
    question(async () => ({ state: "warn", found: hostile, remedy: hostile })),
  );
  for (const text of [found, remedy]) {
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.length).toBeLessThanOrEqual(600);
  }
});
