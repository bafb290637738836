import { describe, expect, test } from "vitest";
import type { Profile } from "../../../src/core/profile.ts";
import { describeSignal, noticed, signalResults } from "../../../src/core/signals/noticed.ts";
import type { SignalResult } from "../../../src/core/signals/result.ts";
import type { SignalSource } from "../../../src/core/signals/signal.ts";
import { KILL } from "../../support/synthetic-runs.ts";
import { type Given, LOG, looked, METRIC, PATH, profileWith, request, signal, windowAt } from "./profiles.ts";

/** Three rounds of calm and a fault: calm in [0, 3), [6, 9), [12, 15) s; the fault in [3, 6), [9, 12), [15, 18) s. */
const ROUNDS = ["control", "slow", "control", "slow", "control", "slow"];
const inFault = (atMs: number): boolean => Math.floor(atMs / 3000) % 2 === 1;
const calmValue = (atMs: number): number => 10 + ((atMs / 500) % 3);

const resultOf = (profile: Profile, name = "s"): SignalResult => {
  const found = signalResults(profile).find(({ signal: own }) => own === name);
  if (found === undefined) throw new Error(`no result of ${name}`);
  return found;
};

const seen = (
  source: SignalSource,
  value: (atMs: number) => number | null,
  given: Partial<Given> = {},
): SignalResult => {
  const { order = ROUNDS } = given;
  return resultOf(
    profileWith({
      order,
      signals: [{ signal: signal("s", source), samples: looked(order.length, value) }],
      ...given,
    }),
  );
};
const slowOf = ({ scenarios }: SignalResult) => scenarios.find(({ scenario }) => scenario === "slow");

describe("a path", () => {
  test("shows where it answers other than 2xx, none included, after so long from the window's start", () => {
    const result = seen(PATH, (atMs) =>
      atMs === 4100 ? 503 : atMs === 9600 ? 0 : atMs === 16_600 ? 302 : 204,
    );
    expect(slowOf(result)).toEqual({
      scenario: "slow",
      windows: 3,
      shown: 3,
      medianDelayMs: 1100,
      harmedShare: 0,
    });
    expect(result).toMatchObject({ samples: 36, falselyShown: 0, description: "GET /deep" });
  });

  test("that never did has no delay", () => {
    expect(slowOf(seen(PATH, () => 200))).toMatchObject({ shown: 0, medianDelayMs: null });
  });
});

describe("a metric", () => {
  test("with bounds shows outside of them, on the bound not yet", () => {
    const value = (atMs: number): number =>
      atMs === 4100 ? 10.1 : atMs === 10_100 ? 1.9 : atMs === 16_100 ? 10 : 5;
    expect(slowOf(seen({ ...METRIC, above: 10, below: 2 }, value))).toMatchObject({
      shown: 2,
      medianDelayMs: 1100,
    });
    expect(slowOf(seen({ ...METRIC, above: 10 }, value))).toMatchObject({ shown: 1 });
  });

  test("without bounds shows outside of what calm does, up or down", () => {
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 30 : calmValue(atMs))))).toMatchObject({
      shown: 3,
      medianDelayMs: 100,
    });
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 0 : calmValue(atMs))))).toMatchObject({ shown: 3 });
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 15 : calmValue(atMs))))).toMatchObject({
      shown: 0,
    });
  });

  test("that stands still in calm shows at a tenth of itself, and not below", () => {
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 109 : 100)))).toMatchObject({ shown: 0 });
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 111 : 100)))).toMatchObject({ shown: 3 });
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 1 : 0)))).toMatchObject({ shown: 3 });
  });

  test("that mostly stands at 0 in calm, and sometimes not, does not show by what it sometimes does", () => {
    const sometimes = (atMs: number): number => (atMs % 3000 === 2100 ? 1 : 0);
    expect(slowOf(seen(METRIC, sometimes))).toMatchObject({ shown: 0 });
    expect(slowOf(seen(METRIC, (atMs) => (inFault(atMs) ? 5 : sometimes(atMs))))).toMatchObject({ shown: 3 });
  });

  test("is not told where there is too little calm traffic, unless it has bounds", () => {
    const order = ["control", "slow"];
    const value = (atMs: number): number => (inFault(atMs) ? 1000 : 1);
    const without = seen(METRIC, value, { order });
    expect(without).toMatchObject({ untold: "fewer than 10 looks at calm traffic", samples: 12 });
    expect(slowOf(without)).toMatchObject({ shown: 0 });
    const having = seen({ ...METRIC, above: 10 }, value, { order });
    expect(having.untold).toBeUndefined();
    expect(slowOf(having)).toMatchObject({ shown: 1 });
  });

  test("that could not be read is not told", () => {
    expect(seen({ ...METRIC, above: 1 }, () => null)).toMatchObject({
      untold: "it could not be read",
      samples: 0,
    });
  });
});

describe("a counter and log lines", () => {
  const counter: SignalSource = { ...METRIC, counter: true };

  test.each([
    ["a counter", counter, 2],
    ["log lines", LOG, 1],
  ])("show at a single event where calm has none: %s", (_, source, event) => {
    const result = seen(source, (atMs) => (atMs === 4600 ? event : 0));
    expect(slowOf(result)).toMatchObject({ shown: 1, medianDelayMs: 1600 });
    expect(result.samples).toBe(35);
  });

  test.each([
    ["a counter", counter, 2],
    ["log lines", LOG, 1],
  ])("do not show at a single event where calm has some now and then: %s", (_, source, event) => {
    const calm = (atMs: number): number => (atMs % 6000 === 2100 ? event : 0);
    expect(slowOf(seen(source, (atMs) => (atMs === 4600 ? event : calm(atMs))))).toMatchObject({ shown: 0 });
    expect(slowOf(seen(source, (atMs) => (inFault(atMs) ? 4 * event : calm(atMs))))).toMatchObject({
      shown: 3,
    });
  });

  test("speak of the time since the look before: one across the fault's start is the fault's", () => {
    // Of (2600, 3100] ms; the fault begins at 3000.
    expect(slowOf(seen(LOG, (atMs) => (atMs === 3100 ? 5 : 0)))).toMatchObject({
      shown: 1,
      medianDelayMs: 100,
    });
    expect(slowOf(seen(LOG, (atMs) => (atMs === 2600 ? 5 : 0)))).toMatchObject({ shown: 0 });
  });

  test("of a gap count over all of it", () => {
    // Growth since 3600 ms is told at 5100: half an event and more in all, and not in the last half second.
    const gap = (atMs: number): number | null =>
      atMs > 3600 && atMs < 5100 ? null : atMs === 5100 ? 0.4 : 0;
    expect(slowOf(seen(counter, gap))).toMatchObject({ shown: 1, medianDelayMs: 2100 });
  });
});

describe("what a look speaks of", () => {
  test("within a second after a window is the fault's, and later it is a false alarm of calm", () => {
    const soon = seen(PATH, (atMs) => (atMs === 6600 ? 503 : 200));
    expect(slowOf(soon)).toMatchObject({ shown: 1, medianDelayMs: 3600 });
    expect(soon.falselyShown).toBe(0);
    const late = seen(PATH, (atMs) => (atMs === 7600 ? 503 : 200));
    expect(slowOf(late)).toMatchObject({ shown: 0 });
    expect(late.falselyShown).toBe(1);
  });

  test("is the fault's as long as its harmed requests are on their way", () => {
    const order = ["control", "slow", "control"];
    const given = profileWith({ order });
    const hanging = request(1, 29, { outcome: "timeout-total", latencyMs: 1500 });
    const observations = [
      ...given.observations.filter(({ window, slot }) => window !== 1 || slot !== 29),
      hanging,
    ];
    const value = (atMs: number): number => (atMs === 8100 ? 503 : 200);
    expect(slowOf(seen(PATH, value, { order, observations }))).toMatchObject({
      shown: 1,
      medianDelayMs: 5100,
    });
    expect(slowOf(seen(PATH, value, { order }))).toMatchObject({ shown: 0 });
  });

  test("in the window of another fault is that fault's; in the tails of two it is neither's", () => {
    const order = ["control", "slow", "other", "control"];
    const shownOf = (value: (atMs: number) => number, source: SignalSource = PATH) => {
      const { scenarios } = seen(source, value, { order });
      return scenarios.map(({ shown }) => shown);
    };
    expect(shownOf((atMs) => (atMs === 6100 ? 503 : 200))).toEqual([0, 1]);
    // Of (5600, 6100] ms: begun under the one, ended under the other.
    expect(shownOf((atMs) => (atMs === 6100 ? 100 : 0), { ...METRIC, counter: true, above: 10 })).toEqual([
      0, 0,
    ]);
  });

  test("begins with the kill, where one was killed", () => {
    const kill = {
      name: "service",
      atMs: 4000,
      window: 1,
      exitCode: null,
      signal: "SIGKILL",
      injected: true,
    };
    const given = (value: (atMs: number) => number): SignalResult =>
      resultOf(
        profileWith({
          order: ["control", KILL.name],
          deaths: [kill],
          signals: [{ signal: signal("s", PATH), samples: looked(2, value) }],
        }),
      );
    expect(given((atMs) => (atMs === 4600 ? 0 : 200)).scenarios[0]).toMatchObject({
      shown: 1,
      medianDelayMs: 600,
    });
    expect(given((atMs) => (atMs === 3600 ? 0 : 200)).scenarios[0]).toMatchObject({ shown: 0 });
  });

  test("of an invalid window counts nowhere, not as calm either", () => {
    const windows = ROUNDS.map((name, place) =>
      windowAt(place, name, place === 1 ? { invalid: "late" } : {}),
    );
    const result = seen(PATH, (atMs) => (inFault(atMs) ? 503 : 200), { windows });
    expect(slowOf(result)).toMatchObject({ windows: 2, shown: 2 });
    const calmLost = ROUNDS.map((name, place) =>
      windowAt(place, name, place === 2 ? { invalid: "late" } : {}),
    );
    expect(seen(PATH, (atMs) => (atMs === 7600 ? 503 : 200), { windows: calmLost }).falselyShown).toBe(0);
  });

  test("in calm's guard is not calm", () => {
    const windows = ROUNDS.map((name, place) => windowAt(place, name, { guardMs: 500 }));
    const value = (atMs: number): number => (atMs === 100 ? 503 : 200);
    expect(seen(PATH, value, { windows }).falselyShown).toBe(0);
    expect(seen(PATH, value).falselyShown).toBe(1);
  });
});

test("calm is what lies outside of faults' tails; alarms one after another are one", () => {
  const result = seen(PATH, (atMs) => ([7600, 8100, 14_100, 1100].includes(atMs) ? 503 : 200));
  expect(result.falselyShown).toBe(3);
  expect(result.calmMs).toBe(3000 + 2000 + 2000);
});

test("where faults' tails leave hardly any calm, all of calm says what is usual", () => {
  // Every request under the fault hangs for three seconds more: its tail takes all but the first calm window.
  const given = profileWith({ order: ROUNDS });
  const observations = given.observations.map((each) =>
    each.window % 2 === 1 ? { ...each, outcome: "timeout-total" as const, latencyMs: 3000 } : each,
  );
  const result = seen(METRIC, (atMs) => (inFault(atMs) ? 1000 : 1), { observations });
  expect(result.untold).toBeUndefined();
  expect(slowOf(result)).toMatchObject({ shown: 3 });
});

describe("health and ready paths", () => {
  const looks = [
    { window: 1, path: "health" as const, atMs: 3600, status: 200 },
    { window: 1, path: "health" as const, atMs: 3600, status: 503 },
    { window: 1, path: "ready" as const, atMs: 3600, status: 200 },
  ];

  test("are signals without being named, the worst replica counting", () => {
    const results = signalResults(profileWith({ order: ["control", "slow"], health: looks }));
    expect(
      results.map(({ signal: name, samples, scenarios }) => [name, samples, scenarios[0]?.shown]),
    ).toEqual([
      ["health", 1, 1],
      ["ready", 1, 0],
    ]);
  });

  test("are not told twice where one is named, and give way to another signal of their name", () => {
    const results = signalResults(
      profileWith({
        order: ["control", "slow"],
        health: looks,
        signals: [
          { signal: signal("alive", { type: "path", path: "/healthz", watchedAs: ["health"] }), samples: [] },
          { signal: signal("ready", METRIC), samples: [] },
        ],
      }),
    );
    expect(results.map(({ signal: name }) => name)).toEqual(["ready path", "alive", "ready"]);
  });

  test("are none where nothing was looked at", () => {
    expect(signalResults(profileWith({ order: ["control", "slow"] }))).toEqual([]);
  });
});

describe("harm", () => {
  test("is failed and late requests, after the guard", () => {
    const windows = ROUNDS.map((name, place) => windowAt(place, name, { guardMs: 1000 }));
    const base = profileWith({ order: ROUNDS });
    const observations = base.observations.map((each) => {
      if (each.window === 1 && each.slot === 5) return { ...each, outcome: "status" as const };
      if (each.window !== 1 || each.slot % 10 >= 4) return each;
      const outcomes = [
        { outcome: "status" as const },
        { latencyMs: 2001 },
        { latencyMs: 2000 },
        { outcome: "client-abort" as const },
      ];
      return { ...each, ...outcomes[each.slot % 10] };
    });
    const result = seen(PATH, () => 200, { windows, observations });
    // Of the 20 requests after each guard: two failed, two late, two not scored.
    expect(slowOf(result)?.harmedShare).toBeCloseTo(4 / 58, 9);
  });
});

describe("silence", () => {
  const silentOf = (value: (atMs: number) => number, order: readonly string[] = ROUNDS) =>
    noticed(
      profileWith({
        order,
        signals: [
          { signal: signal("s", PATH), samples: looked(order.length, value) },
          { signal: signal("unread", { ...METRIC, above: 1 }), samples: [] },
        ],
      }),
    ).scenarios.map(({ scenario, windows, silent }) => [scenario, windows, silent]);

  test("is a window in which no signal showed, nor in its tail", () => {
    expect(silentOf(() => 200)).toEqual([["slow", 3, 3]]);
    expect(silentOf((atMs) => (atMs === 4100 || atMs === 12_100 ? 503 : 200))).toEqual([["slow", 3, 1]]);
  });

  test("is not said of a window that nobody looked at", () => {
    const signals = [{ signal: signal("s", PATH), samples: looked(1, () => 200) }];
    expect(noticed(profileWith({ order: ROUNDS, signals })).scenarios).toMatchObject([
      { windows: 3, silent: 0 },
    ]);
  });

  test("is not said of a window whose signal may have come under the next fault", () => {
    // 100 ms into the other fault, and so within the first one's tail.
    expect(silentOf((atMs) => (atMs === 6100 ? 503 : 200), ["control", "slow", "other"])).toEqual([
      ["slow", 1, 0],
      ["other", 1, 0],
    ]);
  });
});

test.each<[SignalSource, string]>([
  [
    { ...METRIC, labels: { code: '5"3' }, counter: true },
    'metric m{code="5\\"3"} at /metrics, growth per second',
  ],
  [{ ...METRIC, above: 10, below: 1 }, "metric m at /metrics, above 10, below 1"],
  [LOG, "log lines /ERROR/"],
  [PATH, "GET /deep"],
])("a signal is described: %o", (source, text) => {
  expect(describeSignal(signal("s", source))).toBe(text);
});

test("the tail of an outage ends a second before the next window, which waited for calm answers", () => {
  const silentOf = (fault: string) =>
    noticed(
      profileWith({
        order: [fault, "other"],
        windows: [windowAt(0, fault), windowAt(1, "other", { startMs: 5000 })],
        // On its way until 4400 ms, so that its tail would end at 5400.
        observations: [request(0, 29, { outcome: "timeout-total", latencyMs: 1500 })],
        signals: [{ signal: signal("s", PATH), samples: looked(3, (atMs) => (atMs === 5100 ? 503 : 200)) }],
      }),
    ).scenarios.find(({ scenario }) => scenario === fault)?.silent;
  expect(silentOf("down")).toBe(1);
  expect(silentOf("slow")).toBe(0);
});
