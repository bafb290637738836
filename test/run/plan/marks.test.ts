/** The plan's hits on the client's edge and the sidecar's choice must be one: else a hit is counted that was not struck. */
import { array, assert, constantFrom, option, property, record, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { prepareRequest } from "../../../src/adapters/load/prepare-request.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { RequestTemplate } from "../../../src/core/workload.ts";
import { sentHead } from "../../../src/run/plan/marks.ts";
import { makePlan } from "../../../src/run/plan/plan.ts";
import type { ExchangeInfo } from "../../../src/sidecar/faults/fault.ts";
import { StrikeSelection } from "../../../src/sidecar/strike-selection.ts";
import { experiment, suiteWith, templates } from "../../support/suites.ts";

const SEED = 5;

/** The exchange that the sidecar sees of a request as the generator sends it. */
const exchangeOf = (
  template: RequestTemplate,
  headers: Readonly<Record<string, string>>,
  repetition: number,
): ExchangeInfo => {
  const workload = { ...suiteWith([]).workload, headers };
  const prepared = prepareRequest({ template, workload, host: "h", seed: SEED, repetition });
  const sent = new Map<string, string>();
  for (let place = 0; place + 1 < prepared.headers.length; place += 2)
    sent.set((prepared.headers[place] ?? "").toLowerCase(), prepared.headers[place + 1] ?? "");
  return {
    edge: "client",
    protocol: "http",
    method: prepared.method,
    path: prepared.path,
    header: (name) => sent.get(name),
    requestKey: `${template.id}~${repetition}`,
    attempt: 1,
    indexOnConnection: 0,
    idleBeforeMs: 0,
  };
};

const paths = ["/v1/7/items", "/v1/7/items/3", "/v1/7", "/v2/x?q=/v1", "/v1/{{nonce}}/items"] as const;
const patterns = ["/v1", "/v1/*/items", "*/items", "/v1/nonce-*", "/v1/7/items*", "/none"] as const;
const headerNames = ["X-Tier", "x-tier", "x-tenant"] as const;

const someHeaders = uniqueArray(constantFrom("X-Tier", "x-tenant"), { maxLength: 2 }).chain((names) =>
  array(constantFrom("gold", "tin"), { minLength: 2, maxLength: 2 }).map((values) =>
    Object.fromEntries(names.map((name, place) => [name, values[place] ?? ""])),
  ),
);
const someMatch = record(
  {
    method: constantFrom("get", "POST"),
    path: constantFrom(...patterns),
    header: record(
      { name: constantFrom(...headerNames, "content-type"), value: constantFrom("gold", "application/json") },
      { requiredKeys: ["name"] },
    ),
  },
  { requiredKeys: [] },
);

test("a request is a hit only if the sidecar would strike it, and every fitting one is one in turn", () => {
  assert(
    property(
      someMatch,
      someHeaders,
      array(
        record({ path: constantFrom(...paths), headers: someHeaders, method: option(constantFrom("GET")) }),
        {
          minLength: 3,
          maxLength: 8,
        },
      ),
      (match, headers, heads) => {
        const requests = templates(heads.length).map((template, place) => ({
          ...template,
          path: heads[place]?.path ?? "/",
          headers: heads[place]?.headers ?? {},
          method: heads[place]?.method ?? "POST",
        }));
        const fault = {
          kind: "http-error",
          on: "client",
          fraction: 0.5,
          attempts: 1,
          status: 503,
          headers: {},
          match,
        } satisfies Fault;
        const base = suiteWith([experiment("partial", fault)], { budgetMs: 20_000 });
        const suite = { ...base, workload: { ...base.workload, headers } };
        const plan = makePlan({ suite, requests, seed: SEED, attributable: () => true });
        const byId = new Map(requests.map((template) => [template.id, template]));
        const [placed] = plan.stretches.flatMap(({ faults }) => faults);
        if (placed === undefined) throw new Error("nothing was placed");
        const selection = new StrikeSelection({ ...placed, fault });
        for (const stretch of plan.stretches) {
          for (const window of stretch.windows) {
            const inside = stretch.requests.slice(window.firstSlot, window.endSlot);
            const fits = inside.filter(({ requestId, repetition }) =>
              selection.mayStrike(exchangeOf(byId.get(requestId) as RequestTemplate, headers, repetition)),
            );
            const hits = inside.filter(({ hit }) => hit);
            const half = window.scenario === "control" ? 0 : fits.length / 2;
            expect(fits).toEqual(expect.arrayContaining(hits));
            expect(Math.abs(hits.length - half)).toBeLessThan(1);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("the head the plan looks at is the one that is sent, but for the nonce's digits", () => {
  const [template] = templates(1).map((each) => ({
    ...each,
    path: "/v1/{{nonce}}/items",
    headers: { "X-Tier": "gold", "x-run": "{{nonce}}" },
  }));
  if (template === undefined) throw new Error("no template");
  const headers = { "x-tier": "tin", "X-Tenant": "a" };
  const planned = sentHead(template, headers);
  const sent = exchangeOf(template, headers, 3);
  const undrawn = (text: string | undefined) => text?.replace(/nonce-[0-9a-f]{16}/, "nonce-");
  expect(planned.method).toBe(sent.method);
  expect(undrawn(planned.path)).toBe("/v1/nonce-/items");
  expect(undrawn(sent.path)).toBe("/v1/nonce-/items");
  for (const name of ["x-tier", "x-run", "x-tenant", "content-type", "x-none"])
    expect(undrawn(planned.header(name))).toBe(undrawn(sent.header(name)));
  expect(planned.header("x-tier")).toBe("gold");
});
