import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { SquallError } from "../../../src/core/errors.ts";
import { notMeasuredDescription, renderNotMeasured } from "../../../src/core/report/not-measured.ts";

const stopped = new SquallError("service-not-ready", "The service was not ready within 30 s.", {
  place: "service",
  detail: ["Error: listen EADDRINUSE"],
  remedy: "Look at its log.",
});

test("says what stopped it, where and what to do, and that the change is not blamed", () => {
  const text = renderNotMeasured(stopped, { run: "https://github.example/a/b/actions/runs/1" });
  for (const part of [
    "Not measured: squall stopped",
    "was not ready within 30 s",
    "service-not-ready",
    "says nothing about the change",
    "EADDRINUSE",
    "Look at its log",
    "https://github.example/a/b/actions/runs/1",
  ]) {
    expect(text).toContain(part);
  }
});

test("tells a wrong suite and a cancelled run from what squall could not do", () => {
  expect(notMeasuredDescription(new SquallError("suite-invalid", "squall.yml has 2 problems."))).toBe(
    "Not measured: the suite or the step's inputs are wrong: squall.yml has 2 problems.",
  );
  expect(notMeasuredDescription(new SquallError("interrupted", "Stopped."))).toContain("cancelled");
});

test("a status's description stays within GitHub's limit", () => {
  assert(
    property(string({ maxLength: 2000, unit: "binary" }), (message) => {
      expect(notMeasuredDescription(new SquallError("internal", message)).length).toBeLessThanOrEqual(140);
    }),
  );
});

test("hostile texts make no link, mention, HTML or further heading", () => {
  const hostile = "a\n# b [x](http://e) @all <img> <!-- squall-report -->";
  const text = renderNotMeasured(
    new SquallError("internal", hostile, { place: hostile, detail: [hostile], remedy: hostile }),
    { run: "javascript:alert(1)" },
  );
  expect(text.match(/^#/gm)).toHaveLength(1);
  expect(text).not.toMatch(/(?<!\\)\[x\](?!\\)\(/);
  expect(text).not.toContain("<img");
  expect(text).not.toContain("<!--");
  expect(text).not.toContain("@all");
  expect(text).not.toContain("javascript:");
});
