import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import {
  edgeTo,
  exchange,
  get,
  httpServer,
  listen,
  ok,
  placed,
  sidecar,
  type TestSidecar,
  until,
} from "../support/peers.ts";

const echo = () =>
  listen((socket) => {
    socket.pipe(socket);
  });
const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
};
/** A connection that has been let in: its echo has come. */
const admitted = async (port: number): Promise<Socket> => {
  const socket = await open(port);
  socket.write("x");
  await once(socket, "data");
  return socket;
};
const affected = async (proxy: TestSidecar): Promise<number[]> =>
  (await proxy.receipts()).receipts.flatMap((receipt) => [receipt.seen, receipt.affected]);
const queueOf = (max: number) => placed({ kind: "connection-limit", max, excess: "queue" });

test("connection-limit queue: the upstream never serves more than the limit at once, and all in the end", async () => {
  let now = 0;
  let most = 0;
  await using upstream = await httpServer((_, socket) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      socket.end(ok("hello", "connection: close\r\n"));
    }, 20);
    return null;
  });
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([queueOf(2)]);
  const started = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => exchange(proxy.port("llm"), get("/", "connection: close\r\n"))),
  );
  expect(answers.map(({ bytes }) => bytes.toString().endsWith("hello"))).toEqual(answers.map(() => true));
  expect(most).toBe(2);
  // Four turns of two.
  expect(performance.now() - started).toBeGreaterThanOrEqual(4 * 20 - 4);
  expect(await affected(proxy)).toEqual([8, 6]);
});

test("connection-limit queue: one that gives up waiting does not hold up the next", async () => {
  await using upstream = await echo();
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([queueOf(1)]);
  const first = await admitted(proxy.port("llm"));
  const impatient = await open(proxy.port("llm"));
  await until(async () => (await affected(proxy))[1] === 1);
  const patient = await open(proxy.port("llm"));
  patient.write("at last");
  await until(async () => (await affected(proxy))[1] === 2);
  impatient.resetAndDestroy();
  first.destroy();
  const [bytes] = (await once(patient, "data")) as [Buffer];
  expect(bytes.toString()).toBe("at last");
  patient.destroy();
});

test("connection-limit queue: cleared, all that wait are let in at once", async () => {
  await using upstream = await echo();
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([queueOf(1)]);
  const first = await admitted(proxy.port("llm"));
  const waiting = await Promise.all([open(proxy.port("llm")), open(proxy.port("llm"))]);
  for (const socket of waiting) socket.write("y");
  await until(async () => (await affected(proxy))[1] === 2);
  const echoes = waiting.map((socket) => once(socket, "data"));
  await proxy.setFaults([]);
  expect((await Promise.all(echoes)).map(([bytes]) => String(bytes))).toEqual(["y", "y"]);
  for (const socket of [first, ...waiting]) socket.destroy();
});

/** Both ends of what is measured may be seen late on a busy machine: half of the delay is left to that. */
const LATE_MS = 800;
const SURELY_LATE_MS = 400;

test.each(["http", "tcp"] as const)(
  "slow-close on a %s edge: a client's FIN is late for the upstream",
  async (protocol) => {
    let saidMs = 0;
    let endedMs = 0;
    await using upstream = await listen((socket) => {
      socket.on("data", () => {
        saidMs = performance.now();
      });
      socket.on("end", () => {
        endedMs = performance.now();
        socket.end();
      });
    });
    await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
    await proxy.setFaults([placed({ kind: "slow-close", delayMs: LATE_MS })]);
    const heard = await exchange(proxy.port("llm"), get(), { fin: true });
    expect(heard.end).toBe("fin");
    expect(endedMs - saidMs).toBeGreaterThanOrEqual(SURELY_LATE_MS);
    expect(await affected(proxy)).toEqual([1, 1]);
  },
);

test("slow-close on a tcp edge: the bytes come at once, the upstream's FIN late", async () => {
  await using upstream = await listen((socket) => socket.end("bye"));
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", "tcp")]);
  await proxy.setFaults([placed({ kind: "slow-close", delayMs: LATE_MS })]);
  const heard = await exchange(proxy.port("llm"), "x");
  expect([heard.end, heard.bytes.toString()]).toEqual(["fin", "bye"]);
  expect(heard.endMs - heard.firstMs).toBeGreaterThanOrEqual(SURELY_LATE_MS);
});

test.each(["http", "tcp"] as const)(
  "slow-close on a %s edge: cleared, a FIN that is held leaves at once",
  async (protocol) => {
    await using upstream = await httpServer((_, socket) => {
      socket.end(ok("hello", "connection: close\r\n"));
      return null;
    });
    await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
    await proxy.setFaults([placed({ kind: "slow-close", delayMs: 60_000 })]);
    const pending = exchange(proxy.port("llm"), get("/", "connection: close\r\n"));
    await until(async () => (await affected(proxy))[1] === 1);
    await proxy.setFaults([]);
    expect((await pending).end).toBe("fin");
  },
);

test("keepalive-race on marked requests spares the reused connection of the others", async () => {
  await using upstream = await httpServer(() => ok());
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "keepalive-race", idleMs: 30 }, { type: "keys", keys: ["a~0"] })]);
  const reuse = async (key: string): Promise<string> => {
    const socket = await open(proxy.port("llm"));
    let text = "";
    let end = "open";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on("error", () => {
      end = "reset";
    });
    socket.write(get());
    await until(() => text === ok());
    // The idle time is what is tested.
    await new Promise((resolve) => setTimeout(resolve, 60));
    socket.write(get("/", `x-squall-request: ${key}\r\n`));
    await until(() => end !== "open" || text === ok() + ok());
    socket.destroy();
    return `${end} ${text.length / ok().length}`;
  };
  expect([await reuse("a~0"), await reuse("b~0")]).toEqual(["reset 1", "open 2"]);
  expect((await affected(proxy))[1]).toBe(1);
});
