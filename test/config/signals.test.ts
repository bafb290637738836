/** `service.signals` as people write it, and patterns from hostile hands. */
import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { readLogPattern } from "../../src/config/log-pattern.ts";
import { parseSuite } from "../../src/config/suite.ts";
import { mustParse, problemsOf, suiteWith } from "./support.ts";

const service = (signals: unknown, rest: object = {}): string =>
  suiteWith({
    service: { command: "node server.ts", ready: "/readyz", health: "/healthz", signals, ...rest },
  });

const matches = (pattern: string, line: string): boolean => {
  const reading = readLogPattern(pattern);
  if (!reading.ok) throw new Error(reading.message);
  return reading.value(line);
};

describe("the service's signals", () => {
  test("are paths, metrics and log patterns, with defaults filled in", () => {
    const { suite } = mustParse(
      service([
        { name: "deep", path: "/deep" },
        { name: "errors", metric: "http_errors_total", counter: true },
        {
          name: "queue",
          metric: "queue_length",
          labels: { queue: "llm" },
          at: "/internal/metrics",
          above: 10,
        },
        { name: "log", log: "ERROR|Traceback" },
      ]),
    );
    expect(suite.service.signals).toEqual([
      { name: "deep", source: { type: "path", path: "/deep" } },
      {
        name: "errors",
        source: { type: "metric", path: "/metrics", metric: "http_errors_total", labels: {}, counter: true },
      },
      {
        name: "queue",
        source: {
          type: "metric",
          path: "/internal/metrics",
          metric: "queue_length",
          labels: { queue: "llm" },
          counter: false,
          above: 10,
        },
      },
      { name: "log", source: { type: "log", pattern: "ERROR|Traceback" } },
    ]);
  });

  test("that are the health or ready path say so: these are looked at anyway", () => {
    const { suite } = mustParse(
      service([
        { name: "a", path: "/healthz" },
        { name: "b", path: "/readyz" },
      ]),
    );
    expect(suite.service.signals?.map(({ source }) => source)).toEqual([
      { type: "path", path: "/healthz", watchedAs: ["health"] },
      { type: "path", path: "/readyz", watchedAs: ["ready"] },
    ]);
  });

  test("that are both of them are one signal", () => {
    const { suite } = mustParse(service([{ name: "a", path: "/healthz" }], { ready: "/healthz" }));
    expect(suite.service.signals?.[0]?.source).toMatchObject({ watchedAs: ["health", "ready"] });
  });

  test("are no part of what fixes the measurement: naming one needs no new baseline", () => {
    const without = mustParse(service(undefined)).suite;
    const having = mustParse(service([{ name: "log", log: "ERROR" }])).suite;
    expect(having.hash).toBe(without.hash);
    expect(having.frameHash).toBe(without.frameHash);
    expect(without.service).not.toHaveProperty("signals");
    expect(mustParse(service([])).suite.service).not.toHaveProperty("signals");
  });

  test.each([
    [
      "two of one name",
      [
        { name: "a", path: "/a" },
        { name: "a", log: "x" },
      ],
      "signals[1].name: signals[0] has this name already",
    ],
    ["one that is nothing", [{ name: "a" }], "signals[0]: A signal must say what is looked at"],
    [
      "one that is two things",
      [{ name: "a", path: "/a", log: "x" }],
      "signals[0]: A signal must say what is looked at",
    ],
    [
      "a counter of log lines",
      [{ name: "a", log: "x", counter: true }],
      "signals[0].counter: counter goes with metric",
    ],
    [
      "labels of a path",
      [{ name: "a", path: "/a", labels: { b: "c" } }],
      "signals[0].labels: labels goes with metric",
    ],
    [
      "bounds without room",
      [{ name: "a", metric: "m", above: 1, below: 1 }],
      "signals[0].below: Every value is below the one bound or above the other",
    ],
    ["a path without its slash", [{ name: "a", path: "a" }], 'signals[0].path: This must begin with "/"'],
    [
      "a metric's name with a dash",
      [{ name: "a", metric: "a-b" }],
      "signals[0].metric: This text does not fit",
    ],
    ["a name with a line break", [{ name: "a\nb", path: "/a" }], "signals[0].name: This text does not fit"],
    ["a mistyped key", [{ name: "a", metric: "m", over: 1 }], "signals[0].over: This key is not known"],
    [
      "an open bracket",
      [{ name: "a", log: "ERROR (" }],
      "signals[0].log: Is no regular expression that squall takes: missing closing ): `ERROR (`",
    ],
  ])("are refused: %s", (_, signals, problem) => {
    expect(problemsOf(service(signals))).toEqual([`service.${problem}`]);
  });

  test("are at most twenty", () => {
    const many = Array.from({ length: 21 }, (__, place) => ({ name: `s${place}`, path: "/a" }));
    expect(problemsOf(service(many))).toEqual(["service.signals: This is too long"]);
    expect(problemsOf(service(many.slice(1)))).toEqual([]);
  });

  test("never make the door throw, whatever stands there", () => {
    assert(
      property(
        string({ unit: "binary", maxLength: 60 }),
        constantFrom("log", "metric", "path", "name"),
        (text, key) => {
          const result = parseSuite(service([{ name: "a", log: "x", [key]: text }]), { file: "squall.yml" });
          expect(typeof result.ok).toBe("boolean");
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a log pattern", () => {
  test("is found anywhere in a line, with upper and lower case told apart unless it says otherwise", () => {
    expect(matches("ERROR|Traceback", "12:00 ERROR no model")).toBe(true);
    expect(matches("ERROR|Traceback", "12:00 error no model")).toBe(false);
    expect(matches("(?i)error", "12:00 ERROR no model")).toBe(true);
    expect(matches("^ERROR", "12:00 ERROR no model")).toBe(false);
  });

  test("sees the first 2,000 characters", () => {
    expect(matches("x$", `${"a".repeat(1999)}x`)).toBe(true);
    expect(matches("x", `${"a".repeat(2000)}x`)).toBe(false);
  });

  test.each([
    ["(?=a)b", "look-ahead"],
    ["(a)\\1", "a back-reference"],
    ["(", "an open bracket"],
    ["(?:.*x.*){400}[yz]", "a program too large"],
    ["", "nothing"],
    ["a*", "what an empty line matches"],
    ["a".repeat(201), "too long a text"],
  ])("%s is refused: %s", (pattern) => {
    expect(readLogPattern(pattern).ok).toBe(false);
  });

  // An engine that backtracks needs 2^2000 steps here, and this test would never end.
  test.each(["(a+)+$", "(a|a)*b", "^(a|a?)+b$", "(.*a){12}[bc]"])(
    "%s meets its worst line and comes back",
    (pattern) => {
      expect(typeof matches(pattern, `${"a".repeat(1999)}!`)).toBe("boolean");
    },
  );
});
