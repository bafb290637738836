import { expect, test } from "vitest";
import { edgeTo, exchange, get, httpServer, ok, placed, sidecar, until } from "./support/peers.ts";

const CLOSE = "connection: close\r\n";
const status = (received: { bytes: Buffer }): number =>
  Number(received.bytes.toString("latin1").slice(9, 12));
const isWhole = (text: string): boolean => text.includes("\r\n\r\n") && !text.endsWith("\r\n\r\n");

test("relays a request and records it", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const answer = await exchange(proxy.port("llm"), get("/a?key=secret"), { until: isWhole });
  expect(answer.bytes.toString()).toBe(ok());
  await until(async () => (await proxy.records()).length === 1);
  const [record] = await proxy.records();
  expect(record).toMatchObject({
    sequence: 1,
    edge: "llm",
    method: "GET",
    path: "/a",
    status: 200,
    end: "complete",
    bytesDown: ok().length,
    bytesUp: get("/a?key=secret").length,
    faults: [],
  });
});

test("strikes exactly the marked share of calls, and says so in the receipt", async () => {
  let reached = 0;
  await using upstream = await httpServer(() => {
    reached++;
    return ok();
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const pattern = [false, true, false, false, false];
  await proxy.setFaults([
    placed(
      { kind: "http-error", status: 429, headers: { "Retry-After": "2" } },
      { type: "pattern", pattern },
    ),
  ]);
  const statuses: number[] = [];
  for (let call = 0; call < 20; call++) {
    statuses.push(status(await exchange(proxy.port("llm"), get(), { until: isWhole })));
  }
  expect(statuses).toEqual(Array.from({ length: 20 }, (_, index) => (index % 5 === 1 ? 429 : 200)));
  expect(reached).toBe(16);
  expect((await proxy.receipts()).receipts).toEqual([{ faultId: "f1", edge: "llm", seen: 20, affected: 4 }]);
  const struck = (await proxy.records()).filter((record) => record.end === "answered-by-fault");
  expect(struck.map((record) => [record.status, record.faults])).toEqual(
    Array.from({ length: 4 }, () => [429, ["f1"]]),
  );
});

test("strikes a marked request's first attempts only, known by the header", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([
    placed({ kind: "http-error", status: 503, headers: {}, attempts: 2 }, { type: "keys", keys: ["a~0"] }),
  ]);
  const statuses: number[] = [];
  for (const key of ["a~0", "b~0", "a~0", "a~0", "a~1"]) {
    const request = get("/", `x-squall-request: ${key}\r\n`);
    statuses.push(status(await exchange(proxy.port("llm"), request, { until: isWhole })));
  }
  expect(statuses).toEqual([503, 200, 503, 200, 200]);
  expect((await proxy.records()).map((record) => record.attempt)).toEqual([1, 1, 2, 3, 1]);
});

test("injected latency delays the bytes, and is gone once cleared", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const delay = { delayMs: 80, jitterMs: 0, distribution: "constant" } as const;
  await proxy.setFaults([placed({ kind: "latency", direction: "downstream", ...delay })]);
  const late = await exchange(proxy.port("llm"), get("/", CLOSE), { until: isWhole });
  expect(late.bytes.toString()).toBe(ok());
  expect(late.firstMs).toBeGreaterThanOrEqual(79);
  await proxy.setFaults([]);
  const soon = await exchange(proxy.port("llm"), get(), { until: isWhole });
  expect(soon.firstMs).toBeLessThan(70);
});
