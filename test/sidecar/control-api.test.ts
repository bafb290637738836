import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { SidecarReady } from "../../src/core/sidecar-protocol.ts";
import { edgeTo, exchange, get, httpServer, ok, placed, sidecar, TOKEN, until } from "./support/peers.ts";

test.each(["", "wrong", `${TOKEN}x`, TOKEN.slice(1)])(
  "a wrong token (%j) gets 401, whatever is asked",
  async (token) => {
    await using proxy = await sidecar([edgeTo(1)]);
    for (const [method, path] of [
      ["GET", "/health"],
      ["PUT", "/state"],
      ["POST", "/stop"],
      ["GET", "/none"],
    ] as const) {
      const answer = await proxy.call(method, path, method === "PUT" ? { revision: 1 } : undefined, token);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ error: "wrong or missing token" });
    }
  },
);

const good = placed({ kind: "http-abort" });
const state = (change: object): unknown => ({ revision: 1, faults: [], deadlineMs: 1000, ...change });
const faulty = (change: object): unknown =>
  state({ faults: [{ ...good, fault: { ...good.fault, kind: "reset", ...change } }] });
test.each([
  ["{", "body: not JSON"],
  ["[]", "body: must be an object"],
  [state({ revision: "1" }), "revision: must be a whole number"],
  [state({ deadlineMs: 0 }), "deadlineMs: must be a number above 0"],
  [state({ deadlineMs: 1e12 }), "deadlineMs: must be a number above 0 and at most 2147483647"],
  [state({ faults: {} }), "faults: must be a list"],
  [
    state({ faults: [{ ...good, id: 3, fault: { ...good.fault, kind: "reset" } }] }),
    "faults[0].id: must be a text",
  ],
  [faulty({ kind: "toString" }), 'faults[0].fault.kind: the sidecar has no fault "toString"'],
  [faulty({ kind: "packet-loss" }), 'faults[0].fault.kind: the sidecar has no fault "packet-loss"'],
  [faulty({ on: "nowhere" }), 'faults[0].fault.on: no edge "nowhere" (edges: llm, db)'],
  [faulty({ kind: "http-error", on: "db" }), 'faults[0].fault.kind: "http-error" needs an http edge'],
  [faulty({ attempts: 0 }), "faults[0].fault.attempts"],
  [faulty({ forMs: -1 }), "faults[0].fault.forMs"],
  [
    state({
      faults: [{ ...good, fault: { ...good.fault, kind: "reset" }, marks: { type: "pattern", pattern: [] } }],
    }),
    "faults[0].marks.pattern: must not be empty",
  ],
  [
    state({ faults: [{ ...good, fault: { ...good.fault, kind: "reset" }, marks: { type: "some" } }] }),
    'faults[0].marks.type: must be "all", "keys" or "pattern"',
  ],
])("a state that does not fit gets 400 and changes nothing (%#)", async (body, message) => {
  await using proxy = await sidecar([edgeTo(1), edgeTo(1, "db", "tcp")]);
  const answer = await proxy.call("PUT", "/state", body);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { error: string }).error).toContain(message);
  expect(await (await proxy.call("GET", "/health")).json()).toEqual({ ok: true, revision: 0 });
});

test("a body beyond the limit, a bad cursor and an unknown call are told so", async () => {
  await using proxy = await sidecar([edgeTo(1)]);
  expect((await proxy.call("PUT", "/attribution", " ".repeat(33 * 1024 * 1024))).status).toBe(400);
  expect((await proxy.call("GET", "/records?after=-1")).status).toBe(400);
  expect((await proxy.call("GET", "/metrics")).status).toBe(404);
  expect((await proxy.call("PUT", "/attribution", { learn: "yes", texts: [] })).status).toBe(400);
});

test("two faults with one id are refused, and a state replaces the one before it whole", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  const reset = placed({ kind: "reset" });
  await expect(proxy.setFaults([reset, reset])).rejects.toThrow("two have the same id");
  await proxy.setFaults([reset]);
  expect((await exchange(proxy.port("llm"), get())).end).toBe("reset");
  await proxy.setFaults([placed({ kind: "http-error", status: 500, headers: {} }, { type: "all" }, "f2")]);
  const answer = await exchange(proxy.port("llm"), get(), { until: (text) => text.endsWith("}") });
  expect(answer.bytes.toString()).toContain("HTTP/1.1 500 ");
  expect((await proxy.receipts()).receipts).toEqual([{ faultId: "f2", edge: "llm", seen: 1, affected: 1 }]);
});

test("the deadline clears the state by itself, and keeps the receipts", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "refuse" })], 100);
  await until(async () => (await proxy.receipts()).expired);
  const answer = await exchange(proxy.port("llm"), get(), { until: (text) => text.endsWith("hello") });
  expect(answer.bytes.toString()).toBe(ok());
  expect((await proxy.receipts()).receipts[0]?.affected).toBe(1);
});

test("records are pulled by sequence", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  for (let call = 0; call < 3; call++) {
    await exchange(proxy.port("llm"), get(`/${call}`), { until: (text) => text.endsWith("hello") });
  }
  await until(async () => (await proxy.records()).length === 3);
  expect((await proxy.records(1)).map((record) => [record.sequence, record.path])).toEqual([
    [2, "/1"],
    [3, "/2"],
  ]);
  expect(await proxy.records(3)).toEqual([]);
});

const start = async (exitWithParent: boolean) => {
  const main = fileURLToPath(new URL("../../src/sidecar/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const edges = [{ ...edgeTo(1), host: "127.0.0.1", port: 0 }];
  child.stdin.write(
    `${JSON.stringify({ token: TOKEN, controlHost: "127.0.0.1", controlPort: 0, edges, redact: [], exitWithParent })}\n`,
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, exit: once(child, "exit"), ready: JSON.parse(line) as SidecarReady };
};

test("the process tells its ports, and ends on stop, on SIGTERM, and with its parent", async () => {
  const [stopped, terminated, orphaned] = await Promise.all([start(false), start(false), start(true)]);
  expect(stopped.ready.ports["llm"]).toBeGreaterThan(0);
  const stop = await fetch(`http://127.0.0.1:${stopped.ready.controlPort}/stop`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(stop.status).toBe(202);
  terminated.child.kill("SIGTERM");
  orphaned.child.stdin.end();
  expect(
    (await Promise.all([stopped.exit, terminated.exit, orphaned.exit])).map(([code]) => code as number),
  ).toEqual([0, 0, 0]);
});
