/** An upgraded connection (WebSocket) is one exchange: what follows its 101 meets the strikes of its request. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { Direction } from "../../../src/core/fault.ts";
import {
  edgeTo,
  exchange,
  type FaultParameters,
  httpServer,
  listen,
  ok,
  placed,
  sidecar,
  type TestSidecar,
  until,
} from "../support/peers.ts";

const UPGRADE = (key = "a~0"): string =>
  [
    "GET /ws HTTP/1.1",
    "host: x",
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    `x-squall-request: ${key}`,
    "\r\n",
  ].join("\r\n");
const SWITCHED =
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const MARKED = { type: "keys", keys: ["a~0"] } as const;
const DELAY_MS = 200;
const DELAY = { delayMs: DELAY_MS, jitterMs: 0, distribution: "constant" } as const;

/** One end of the tunnel: what it has received behind the handshake. */
class End {
  readonly socket: Socket;
  text = "";
  /** When the last bytes came, monotonic ms. */
  atMs = 0;
  ended: "open" | "fin" | "reset" = "open";

  constructor(socket: Socket, handshake: string) {
    this.socket = socket;
    let head = "";
    socket.on("data", (chunk: Buffer) => {
      this.atMs = performance.now();
      const all = chunk.toString("latin1");
      const rest = head.length >= handshake.length ? 0 : handshake.length - head.length;
      head += all.slice(0, rest);
      this.text += all.slice(rest);
      if (head.length === handshake.length && rest > 0) socket.emit("upgraded", head);
    });
    socket.on("end", () => {
      this.ended = "fin";
    });
    socket.on("error", () => {
      this.ended = "reset";
    });
  }
}

interface Tunnel extends AsyncDisposable {
  readonly proxy: TestSidecar;
  /** Requests that reached the server. */
  readonly reached: () => number;
  open(key?: string): Promise<{ client: End; server: End }>;
}

/** An upstream that accepts every upgrade. */
const tunnels = async (fault: FaultParameters): Promise<Tunnel> => {
  const servers: End[] = [];
  const upstream = await listen((socket) => {
    const end = new End(socket, UPGRADE());
    socket.once("upgraded", () => {
      servers.push(end);
      socket.write(SWITCHED);
    });
  });
  const proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed(fault, MARKED)]);
  const clients: Socket[] = [];
  return {
    proxy,
    reached: () => servers.length,
    open: async (key = "a~0") => {
      const socket = connect({
        port: proxy.port("llm"),
        host: "127.0.0.1",
        allowHalfOpen: true,
        noDelay: true,
      });
      clients.push(socket);
      const client = new End(socket, SWITCHED);
      const { length } = servers;
      const switched = once(socket, "upgraded");
      socket.write(UPGRADE(key));
      await switched;
      const server = servers[length];
      if (server === undefined) throw new Error("the upgrade did not reach the server");
      return { client, server };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of clients) socket.destroy();
      await proxy[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
};

/** Sends a text through the tunnel; how late it came, ms. */
const send = async (from: End, to: End, text: string): Promise<number> => {
  const startMs = performance.now();
  const whole = to.text + text;
  from.socket.write(text);
  await until(() => to.text === whole);
  return to.atMs - startMs;
};
const affected = async (proxy: TestSidecar): Promise<readonly (number | undefined)[]> => {
  const receipt = (await proxy.receipts()).receipts[0];
  return [receipt?.seen, receipt?.affected];
};

test.each(["upstream", "downstream", "both"] as const)(
  "latency %s holds back what passes through a struck upgrade, and not through another",
  async (direction: Direction) => {
    await using at = await tunnels({ kind: "latency", direction, ...DELAY });
    const struck = await at.open();
    const spared = await at.open("b~0");
    const late = async ({ client, server }: { client: End; server: End }): Promise<boolean[]> => [
      (await send(client, server, "ping")) >= DELAY_MS - 1,
      (await send(server, client, "pong")) >= DELAY_MS - 1,
    ];
    expect(await late(struck)).toEqual([direction !== "downstream", direction !== "upstream"]);
    expect(await late(spared)).toEqual([false, false]);
    expect(await affected(at.proxy)).toEqual([2, 1]);
  },
);

test("bytes that latency holds back come before the FIN behind them, either way", async () => {
  await using at = await tunnels({ kind: "latency", direction: "both", ...DELAY });
  const { client, server } = await at.open();
  client.socket.end("last words");
  await until(() => server.ended === "fin");
  expect(server.text).toBe("last words");
  server.socket.end("farewell");
  await until(() => client.ended === "fin");
  expect(client.text).toBe("farewell");
  await until(async () => (await at.proxy.records()).length === 1);
  expect((await at.proxy.records())[0]).toMatchObject({
    status: 101,
    end: "complete",
    bytesUp: UPGRADE().length + "last words".length,
    bytesDown: SWITCHED.length + "farewell".length,
    faults: ["f1"],
  });
});

test("a server that closes its way first still gets all that the client says after", async () => {
  await using at = await tunnels({ kind: "latency", direction: "both", ...DELAY });
  const { client, server } = await at.open();
  client.socket.write("before, ");
  server.socket.end("done");
  await until(() => client.ended === "fin");
  client.socket.end("after");
  await until(() => server.ended === "fin");
  expect([client.text, server.text]).toEqual(["done", "before, after"]);
  const [record] = await at.proxy.records();
  expect(record).toMatchObject({ end: "complete", bytesUp: UPGRADE().length + "before, ".length });
});

test.each([
  ["reset", "reset"],
  ["close", "fin"],
] as const)("%s after bytes counts on behind the handshake", async (kind, end) => {
  await using at = await tunnels({ kind, afterBytes: SWITCHED.length + 5 });
  const { client, server } = await at.open();
  server.socket.write("twelve bytes");
  await until(() => client.ended === end);
  expect(client.text).toBe("twelv");
  expect((await at.proxy.records())[0]).toMatchObject({ end: "cut-by-fault", status: 101, faults: ["f1"] });
});

test("limit-data upstream counts on behind the request", async () => {
  await using at = await tunnels({
    kind: "limit-data",
    direction: "upstream",
    bytes: UPGRADE().length + 5,
  });
  const { client, server } = await at.open();
  client.socket.write("twelve bytes");
  await until(() => client.ended === "fin" && server.ended === "fin");
  expect(server.text).toBe("twelv");
  expect(await affected(at.proxy)).toEqual([1, 1]);
});

test("an upgrade that the server declines leaves the connection to the next request", async () => {
  await using upstream = await httpServer((request) => ok(/ (\S+) /.exec(request)?.[1] ?? ""));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "latency", direction: "both", ...DELAY, delayMs: 20 }, MARKED)]);
  const answer = await exchange(proxy.port("llm"), [UPGRADE(), UPGRADE()], { fin: true });
  expect(answer.bytes.toString()).toBe(ok("/ws") + ok("/ws"));
  expect(answer.end).toBe("fin");
});

test("an upgrade that is not answered at all ends as the server ends it", async () => {
  await using upstream = await listen((socket) => socket.once("data", () => socket.end()));
  await using proxy = await sidecar([edgeTo(upstream.port)]);
  await proxy.setFaults([placed({ kind: "latency", direction: "both", ...DELAY, delayMs: 20 }, MARKED)]);
  expect(await exchange(proxy.port("llm"), UPGRADE())).toMatchObject({ end: "fin", bytes: Buffer.alloc(0) });
  await until(async () => (await proxy.records()).length === 1);
  expect((await proxy.records())[0]).toMatchObject({ end: "upstream-closed", status: 0 });
});

test("slicer upstream cuts what the client sends through the tunnel into pieces", async () => {
  await using at = await tunnels({
    kind: "slicer",
    direction: "upstream",
    sizeBytes: 10,
    variationBytes: 0,
    delayMs: 20,
  });
  const { client, server } = await at.open();
  expect(await send(client, server, "x".repeat(100))).toBeGreaterThanOrEqual(9 * 20 - 1);
});

test("idle-cut closes a silent tunnel, and spares one that talks", async () => {
  await using at = await tunnels({ kind: "idle-cut", idleMs: 800 });
  // The silence begins before the second tunnel stands.
  const startMs = performance.now();
  const silent = await at.open();
  const talking = await at.open();
  let turns = 0;
  while (silent.client.ended === "open") {
    await send(talking.client, talking.server, "x");
    turns++;
  }
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(795);
  expect([silent.client.ended, talking.client.ended]).toEqual(["fin", "open"]);
  expect(turns).toBeGreaterThan(0);
  expect(await affected(at.proxy)).toEqual([2, 1]);
});

test("http-error answers the upgrade, and the server never hears of it", async () => {
  await using at = await tunnels({ kind: "http-error", status: 503, headers: {} });
  const answer = await exchange(at.proxy.port("llm"), UPGRADE(), { until: (text) => text.endsWith("}") });
  expect(answer.bytes.toString()).toMatch(/^HTTP\/1\.1 503 /);
  expect(at.reached()).toBe(0);
  const spared = await at.open("b~0");
  expect(await send(spared.server, spared.client, "hello")).toBeGreaterThan(0);
});

test.each(["request", "response"] as const)(
  "http-delay holds the upgrade's %s back, and nothing after it",
  async (before) => {
    await using at = await tunnels({ kind: "http-delay", before, ...DELAY });
    const startMs = performance.now();
    const { client, server } = await at.open();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(DELAY_MS - 1);
    expect(await send(client, server, "ping")).toBeLessThan(DELAY_MS);
    expect(await send(server, client, "pong")).toBeLessThan(DELAY_MS);
  },
);

test("blackhole lets no 101 through; cleared, the connection is reset", async () => {
  await using at = await tunnels({ kind: "blackhole" });
  const pending = exchange(at.proxy.port("llm"), UPGRADE());
  await until(async () => (await affected(at.proxy))[1] === 1);
  await at.proxy.setFaults([]);
  expect(await pending).toMatchObject({ end: "reset", bytes: Buffer.alloc(0) });
});

test("a fault that is cleared lets go of a tunnel, which lives on", async () => {
  await using at = await tunnels({ kind: "latency", direction: "both", ...DELAY, delayMs: 60_000 });
  const upgraded = at.open();
  await until(async () => (await affected(at.proxy))[1] === 1);
  await at.proxy.setFaults([]);
  const { client, server } = await upgraded;
  expect(await send(client, server, "ping")).toBeLessThan(5_000);
  expect(await send(server, client, "pong")).toBeLessThan(5_000);
});

test("faults of bodies and streams leave an upgrade as it is, and say so", async () => {
  for (const fault of [
    { kind: "body-corrupt", mutation: "truncate" },
    { kind: "buffering", flushBytes: 1_000_000 },
    { kind: "stream-truncate", afterEvents: 0, clean: true },
  ] as const) {
    await using at = await tunnels(fault);
    const { client, server } = await at.open();
    await send(server, client, '{"a":1}');
    await send(client, server, '{"a":1}');
    expect(await affected(at.proxy)).toEqual([1, 0]);
  }
});
