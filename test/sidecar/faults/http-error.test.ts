import { expect, test } from "vitest";
import { faultSchema, toFault } from "../../../src/config/fault-schema.ts";
import type { FaultOf } from "../../../src/core/fault.ts";
import { describeFault } from "../../../src/core/fault-description.ts";
import { edgeTo, exchange, get, httpServer, ok, placed, sidecar, until } from "../support/peers.ts";

/** As a suite says it. */
const refusal = (headers: Record<string, string | number>): FaultOf<"http-error"> =>
  toFault(faultSchema.parse({ kind: "http-error", on: "llm", status: 429, headers }), {
    tcp: false,
    shape: "openai",
  }) as FaultOf<"http-error">;

const DATE = "Wed, 21 Oct 2026 07:28:00 GMT";

/** The Retry-After that a client hears; null where there is none. */
const heardRetryAfter = async (headers: Record<string, string | number>): Promise<string | null> => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed(refusal(headers))]);
  const answer = (
    await exchange(proxy.port("llm"), get(), { until: (text) => text.endsWith("}") })
  ).bytes.toString();
  expect(answer).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
  return /^retry-after: (.*)$/im.exec(answer)?.[1]?.trim() ?? null;
};

test.each([
  ["absent", {}, null],
  ["seconds", { "retry-after": "2" }, "2"],
  ["seconds as a number", { "retry-after": 2 }, "2"],
  ["0", { "retry-after": "0" }, "0"],
  ["600", { "Retry-After": "600" }, "600"],
  ["a date", { "retry-after": DATE }, DATE],
])("http-error with Retry-After %s", async (_, headers: Record<string, string | number>, heard) => {
  expect(await heardRetryAfter(headers)).toBe(heard);
});

test.each([
  ["{{in 30s}}", 30_000],
  [" {{ in 1.5m }} ", 90_000],
  ["{{in 0s}}", 0],
])(
  "http-error writes Retry-After %s as an HTTP date so long after the strike, never earlier",
  async (written, ms) => {
    const before = Date.now();
    const heard = (await heardRetryAfter({ "retry-after": written })) ?? "";
    const after = Date.now();
    // RFC 9110, 5.6.7: the only form that senders may write.
    expect(heard).toMatch(/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(Date.parse(heard)).toBeGreaterThanOrEqual(before + ms);
    expect(Date.parse(heard)).toBeLessThan(after + ms + 1_000);
  },
);

test("each strike has a date of its own", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed(refusal({ "retry-after": "{{in 30s}}" }))]);
  const heard = async (): Promise<string> =>
    /^retry-after: .*$/im.exec(
      (await exchange(proxy.port("llm"), get(), { until: (text) => text.endsWith("}") })).bytes.toString(),
    )?.[0] ?? "";
  const first = await heard();
  expect(first).toMatch(/^retry-after: /);
  await until(async () => (await heard()) !== first);
});

test("a date is said in the headline, and other braces are left as they are", () => {
  const fault = refusal({ "retry-after": "{{in 30s}}", "x-plain": "{{in}}" });
  expect(fault).toMatchObject({ headers: { "x-plain": "{{in}}" }, datesInMs: { "retry-after": 30_000 } });
  expect(describeFault(fault)).toBe("llm answers 429, Retry-After the date in 30 s, on all calls");
});

test.each(["{{in soon}}", "{{in 30}}", "{{in 99999999h}}", "a\r\nx-evil: 1"])(
  "a header %j is refused with the suite",
  (written) => {
    const faulty = { kind: "http-error", on: "llm", status: 429, headers: { "retry-after": written } };
    const parsed = faultSchema.safeParse(faulty);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.path).toEqual(["headers", "retry-after"]);
  },
);
