import { expect, test } from "vitest";
import { substitute } from "../../../src/adapters/runtimes/substitution.ts";

const VALUES = { llm: "http://127.0.0.1:4100", redis: "127.0.0.1:4200", port: "8000" };
const filled = (text: string): string => substitute(text, VALUES, "service.env.X");

test("a dependency's host and port can be had apart, with and without a scheme", () => {
  expect(filled("{{llm}} {{ llm.host }} {{llm.port}}")).toBe("http://127.0.0.1:4100 127.0.0.1 4100");
  expect(filled("redis://{{redis}}/0 {{redis.host}}:{{redis.port}}")).toBe(
    "redis://127.0.0.1:4200/0 127.0.0.1:4200",
  );
});

test("what is no dependency, or has no such part, is an error that names what is known", () => {
  for (const text of ["{{nobody}}", "{{nobody.host}}", "{{port.host}}"])
    expect(() => filled(text)).toThrow(`${text} names no dependency.`);
});
