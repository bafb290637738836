/** Which requests a page shows, in which words, whatever a stranger stored. */
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { ExhibitCall, RequestExhibit } from "../../../../../src/core/exhibit.ts";
import type { Observation } from "../../../../../src/core/observation.ts";
import type { Profile } from "../../../../../src/core/profile.ts";
import { requestsSection } from "../../../../../src/core/report/page/sections/requests.ts";
import { waterfallRows } from "../../../../../src/core/report/page/series/waterfall.ts";
import { worstRequests } from "../../../../../src/core/report/page/series/worst-requests.ts";
import { observations, profile } from "../../../../config/profiles.ts";
import { resultFor } from "../../results.ts";

const [ROW] = observations(1) as readonly [Observation];
const CALL: ExhibitCall = {
  edge: "llm",
  method: "POST",
  path: "/v1/chat",
  status: 200,
  startMs: 10,
  firstByteMs: 20,
  endMs: 30,
  end: "complete",
  attributedBy: "header",
  attempt: 1,
  faults: [],
};
const result = resultFor("regressed");
const SCENARIOS = ["control", "llm-rate-limited", "vector-slow", "service-killed"];

interface Given extends Partial<Observation> {
  readonly scenario: string;
  readonly exhibit?: Partial<RequestExhibit>;
}

/** A request each, a window for each scenario. */
const profileWith = (requests: readonly Given[]): Profile => {
  const base = profile();
  const [window] = base.windows;
  const names = [...new Set([...SCENARIOS, ...requests.map(({ scenario }) => scenario)])];
  const rows = requests.map((request, slot) => {
    const { scenario, exhibit: _, ...given } = request;
    const own = { ...ROW, outcome: "ok" as const, requestId: `r${slot}`, ...given };
    return { ...own, window: names.indexOf(scenario), slot };
  });
  return profile({
    windows: names.map((scenario) => ({ ...(window as Profile["windows"][number]), scenario })),
    observations: rows,
    exhibits: rows.map((row, place) => ({
      window: row.window,
      slot: row.slot,
      calls: [CALL],
      leftOut: 0,
      log: [],
      ...requests[place]?.exhibit,
    })),
  });
};

const section = (head: Profile | null) => requestsSection({ result, head, baselines: [] });
const documentOf = (head: Profile) =>
  parseHTML(`<!doctype html><html><body>${section(head)?.body.text ?? ""}</body></html>`).document;
const textOf = (head: Profile): string => documentOf(head).body.textContent ?? "";

describe("the requests of a page", () => {
  test("are of the worst scenario, then of changed ones, then of the others by failure and latency", () => {
    const head = profileWith([
      { scenario: "control", latencyMs: 900 },
      { scenario: "unchanged", latencyMs: 5, outcome: "status" },
      { scenario: "vector-slow", latencyMs: 1 },
      { scenario: "llm-rate-limited", latencyMs: 1 },
      { scenario: "llm-rate-limited", latencyMs: 2 },
    ]);
    expect(result.verdict.worstScenario).toBe("llm-rate-limited");
    const changed = result.verdict.comparisons.filter(({ label }) => label === "regressed");
    expect(changed.map(({ scenario }) => scenario)).toContain("llm-rate-limited");
    const order = worstRequests(head, result).map(({ observation }) => observation.requestId);
    expect(order.slice(0, 2)).toEqual(["r4", "r3"]);
    expect(order.indexOf("r1")).toBeLessThan(order.indexOf("r0"));
    expect(order).toHaveLength(5);
  });

  test("are ten, and not more than four of one scenario where others have some", () => {
    const many = Array.from({ length: 12 }, (_, n) => ({ scenario: "llm-rate-limited", latencyMs: n }));
    const others = Array.from({ length: 4 }, (_, n) => ({ scenario: `other-${n}` }));
    const of = (requests: readonly Given[]) =>
      worstRequests(profileWith(requests), result).map(({ window }) => window.scenario);
    expect(of(many)).toHaveLength(10);
    const mixed = of([...many, ...others]);
    expect(mixed).toHaveLength(10);
    expect(mixed.filter((name) => name.startsWith("other"))).toHaveLength(4);
    const enough = of([
      ...many,
      ...others,
      ...others.map(({ scenario }) => ({ scenario })),
      { scenario: "other-0" },
    ]);
    expect(enough.filter((name) => name === "llm-rate-limited")).toHaveLength(4);
  });

  test("that point at no request are passed over, and one that is there twice is shown once", () => {
    const head = profileWith([{ scenario: "control" }]);
    const [first] = head.exhibits as readonly [RequestExhibit];
    const strangers = [first, { ...first, slot: 99 }, { ...first, window: 9_999_999 }];
    expect(worstRequests({ ...head, exhibits: strangers }, result)).toHaveLength(1);
    expect(section({ ...head, exhibits: strangers.slice(1) })).toBeNull();
    expect(section(profile())).toBeNull();
    expect(section(null)).toBeNull();
  });

  test("are each an unfolding, the first of them open, with facts, calls and log", () => {
    const head = profileWith([
      {
        scenario: "llm-rate-limited",
        outcome: "timeout-total",
        latencyMs: 10_000,
        ttftMs: null,
        status: 0,
        exhibit: {
          calls: [CALL, { ...CALL, attempt: 2, status: 0, end: "cut-by-fault", faults: ["llm#1"] }],
          leftOut: 3,
          log: [
            { process: "service", atMs: 12.4, line: "ERROR <b>no model</b>" },
            { process: "llm", atMs: 20, line: "bye" },
          ],
        },
      },
      { scenario: "control", outcome: "ok" },
    ]);
    const items = [...documentOf(head).querySelectorAll("body > details")];
    expect(items.map((item) => item.hasAttribute("open"))).toEqual([true, false]);
    const [first] = items;
    expect(first?.querySelector("summary")?.textContent).toBe(
      "llm-rate-limited: r0, not finished in time after 10 s",
    );
    const text = first?.textContent ?? "";
    expect(text).toContain("No status, no content came.");
    expect(text).toContain("3 further calls left out.");
    expect(first?.querySelector("pre")?.textContent).toBe(
      "+12 ms service: ERROR <b>no model</b>\n+20 ms llm: bye",
    );
    expect(first?.querySelector("svg")?.textContent).toContain(
      "llm POST /v1/chat, call 2: no status, cut by the fault, struck by llm#1",
    );
    const cells = [...(first?.querySelectorAll("tbody tr") ?? [])].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    expect(cells[1]).toEqual([
      "llm POST /v1/chat, call 2",
      "10 ms",
      "20 ms",
      "30 ms",
      "no status, cut by the fault",
      "struck by llm#1",
    ]);
  });

  test("stay within 150 KB and are text, whatever is stored", () => {
    const evil = `"><script>alert(1)</script>&${"<\u202E".repeat(6000)}`;
    const hostile = {
      calls: Array.from({ length: 40 }, (_, n) => ({
        ...CALL,
        edge: evil,
        method: evil,
        path: evil,
        startMs: n % 2 === 0 ? 1e308 : -1e308,
        firstByteMs: -1e308,
        endMs: -1e308,
        faults: Array.from({ length: 100 }, () => evil),
      })),
      leftOut: 1e15,
      log: Array.from({ length: 12 }, () => ({ process: evil, atMs: 1e308, line: evil })),
    };
    const head = profileWith(
      Array.from({ length: 10 }, (_, n) => ({
        scenario: `${evil}${n}`,
        requestId: evil,
        latencyMs: 1e308,
        exhibit: hostile,
      })),
    );
    const text = section({ ...head, provenance: { ...head.provenance, startedAt: evil } })?.body.text ?? "";
    expect(text.length).toBeGreaterThan(1000);
    expect(new TextEncoder().encode(text).length).toBeLessThan(150_000);
    const { document } = parseHTML(`<!doctype html><html><body>${text}</body></html>`);
    expect(document.querySelectorAll("script, a, img")).toHaveLength(0);
    expect(document.querySelector("summary")?.textContent?.length).toBeLessThan(300);
    expect(text).not.toMatch(/NaN|Infinity|\u202E|"-?[\d.]+e\+/);
  });

  test("with forty calls each, all ten, still fit", () => {
    const calls = Array.from({ length: 40 }, (_, n) => ({
      ...CALL,
      attempt: n + 1,
      startMs: n,
      endMs: n + 5,
    }));
    const head = profileWith(
      Array.from({ length: 10 }, (_, n) => ({ scenario: `s${n}`, exhibit: { calls } })),
    );
    const text = section(head)?.body.text ?? "";
    expect(new TextEncoder().encode(text).length).toBeLessThan(150_000);
    expect(documentOf(head).querySelectorAll("body > details")).toHaveLength(10);
    expect(textOf(head)).toMatch(/\d+ further calls left out/);
  });
});

describe("rows of a waterfall", () => {
  test("say what a call was, how it ended and what struck it, and never end before they begin", () => {
    const rows = waterfallRows([
      { ...CALL, edge: "client", method: "GET", path: "/ask", endMs: 100 },
      { ...CALL, edge: "db", method: "", path: "", status: 0, startMs: 50, firstByteMs: 10, endMs: 40 },
      { ...CALL, startMs: 5, status: 503, end: "answered-by-fault", faults: ["a#1", "b#1", "c#1", "d#1"] },
      { ...CALL, startMs: 60, firstByteMs: 90, endMs: 80, end: "upstream-reset" },
    ]);
    expect(rows.map(({ kind, call, ending, struck }) => [kind, call, ending, struck])).toEqual([
      ["struck", "llm POST /v1/chat", "503, answered by the fault", "struck by a#1, b#1, c#1 and 1 more"],
      ["client", "the request GET /ask", "200, complete", ""],
      ["good", "db connection", "no status, complete", ""],
      ["failed", "llm POST /v1/chat", "200, connection reset", ""],
    ]);
    expect(rows.map(({ startMs, firstByteMs, endMs }) => [startMs, firstByteMs, endMs])).toEqual([
      [5, 20, 30],
      [10, 20, 100],
      [50, 50, 50],
      [60, 80, 80],
    ]);
  });
});
