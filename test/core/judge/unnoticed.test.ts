import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import { buildResult } from "../../../src/core/judge/result.ts";
import type { HealthSample, Profile } from "../../../src/core/profile.ts";
import type { SignalRecord } from "../../../src/core/signals/signal.ts";
import type { Finding } from "../../../src/core/verdict.ts";
import { METHOD_POLICY } from "../../support/method-cases.ts";
import { looked, METRIC, PATH, profileWith, signal } from "../signals/profiles.ts";

const ORDER = ["control", "down", "control", "down", "control", "down"];
const inFault = (atMs: number): boolean => Math.floor(atMs / 3000) % 2 === 1;

const input = (head: Profile) => ({ head, baseline: null, policy: METHOD_POLICY, experiments: [] });
const findingsOf = (head: Profile): readonly Finding[] =>
  judge(input(head)).findings.filter(({ kind }) => kind === "unnoticed" || kind === "health-lies");

const deep = (value: (atMs: number) => number | null): SignalRecord => ({
  signal: signal("deep", PATH),
  samples: looked(ORDER.length, value),
});
const silent = deep(() => 200);
const unread: SignalRecord = { signal: signal("queue", { ...METRIC, above: 1 }), samples: [] };
const lyingHealth: readonly HealthSample[] = looked(ORDER.length, () => 200).map(({ atMs }) => ({
  window: Math.floor(atMs / 3000),
  path: "health",
  atMs,
  status: 200,
}));

describe("a fault that harmed requests and that no signal showed", () => {
  test("is a note, which names what did not show it, and what is left out", () => {
    expect(findingsOf(profileWith({ order: ORDER, failing: 9, signals: [silent, unread] }))).toEqual([
      {
        kind: "unnoticed",
        class: "observability",
        severity: "note",
        scenario: "down",
        metric: null,
        edge: "llm",
        title: "llm is down: 90 % of requests failed or were late, and deep did not show it",
        detail: [
          "Its owner would learn of it from customers. Count what failed in a metric, log it, or let a path of its own tell.",
          "queue is left out: it could not be read.",
        ],
      },
    ]);
  });

  test("is none where less than a fifth of the requests was harmed", () => {
    expect(findingsOf(profileWith({ order: ORDER, failing: 2, signals: [silent] }))).toHaveLength(1);
    expect(findingsOf(profileWith({ order: ORDER, failing: 1, signals: [silent] }))).toEqual([]);
  });

  test("is none where a signal showed in half of the windows or more", () => {
    const once = deep((atMs) => (atMs === 4100 ? 503 : 200));
    const twice = deep((atMs) => (atMs === 4100 || atMs === 10_100 ? 503 : 200));
    expect(findingsOf(profileWith({ order: ORDER, failing: 9, signals: [once] }))).toHaveLength(1);
    expect(findingsOf(profileWith({ order: ORDER, failing: 9, signals: [twice] }))).toEqual([]);
  });

  test("is none where no signal could be read, or the suite names none", () => {
    expect(findingsOf(profileWith({ order: ORDER, failing: 9, signals: [unread] }))).toEqual([]);
    expect(findingsOf(profileWith({ order: ORDER, failing: 9 }))).toEqual([]);
  });
});

describe("an outage through which the health path lies", () => {
  const base = { order: ORDER, failing: 10, health: lyingHealth };

  test("is told as such where the suite names no signals", () => {
    expect(findingsOf(profileWith(base)).map(({ kind }) => kind)).toEqual(["health-lies"]);
  });

  test("is told once, as unnoticed, where no other signal showed it either", () => {
    const [finding, ...others] = findingsOf(profileWith({ ...base, signals: [silent] }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: "unnoticed",
      title: expect.stringContaining("none of health, deep showed it"),
    });
  });

  test("is told as such where another signal showed it, or the path is the only signal", () => {
    const showing = deep((atMs) => (inFault(atMs) ? 503 : 200));
    const health: SignalRecord = {
      signal: signal("alive", { type: "path", path: "/healthz", watchedAs: ["health"] }),
      samples: lyingHealth.map(({ atMs, status }) => ({ atMs, value: status })),
    };
    for (const signals of [[showing], [health]])
      expect(findingsOf(profileWith({ ...base, signals })).map(({ kind }) => kind)).toEqual(["health-lies"]);
  });
});

test("the result has what signals showed, and nothing where there are none", () => {
  const built = (head: Profile) => buildResult(input(head), judge(input(head)), () => "again");
  expect(built(profileWith({ order: ORDER, signals: [silent] })).signals).toMatchObject([
    { signal: "deep", scenarios: [{ scenario: "down", shown: 0 }] },
  ]);
  expect(built(profileWith({ order: ORDER }))).not.toHaveProperty("signals");
});
