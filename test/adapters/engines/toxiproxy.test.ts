import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, test } from "vitest";
import { ToxiproxyClient } from "../../../src/adapters/engines/toxiproxy/client.ts";
import { toxiproxy } from "../../../src/adapters/engines/toxiproxy/toxiproxy.ts";
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { EdgeFront, Engine, RunningSystem } from "../../../src/run/ports.ts";
import { describeEngine } from "../../conformance/engine.ts";
import { startOptions } from "../../conformance/runtime.ts";
import { exchange, get, httpServer, listen, ok } from "../../sidecar/support/peers.ts";
import { until } from "../../support/services/living.ts";
import { serviceSuite, stub } from "../../support/services/service-suite.ts";
import { describeToxiproxy, type ToxiproxyServer, toxiproxyServer } from "../../support/toxiproxy/server.ts";
import { toxiproxyStand } from "../../support/toxiproxy/stands.ts";

const RESET: Fault = { kind: "reset", on: "client", fraction: 1, attempts: "all", engine: "toxiproxy" };
const LATENCY: Fault = {
  kind: "latency",
  on: "llm",
  direction: "downstream",
  delayMs: 150,
  jitterMs: 0,
  distribution: "constant",
  fraction: 1,
  attempts: "all",
};
const placed = (fault: Fault) => [{ id: "f#1", fault, marks: { type: "all" as const }, seed: 1 }];
const settings = (url: string) => ({ url, image: "" });
const LLM = new Set(["llm"]);
const place = (front: EdgeFront, url: string) =>
  front.place(url, [{ edge: "llm", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" }]);

/** Something else that speaks HTTP. */
const httpAnswer = async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

describeToxiproxy("engine toxiproxy holds to what every engine does", () => {
  // The engine belongs to the front that its system has: both are made anew with each system.
  let engine: Engine = toxiproxy(settings(""), new Set(["client"])).engine;
  const start = async (): Promise<RunningSystem> => {
    const server = await toxiproxyServer();
    const made = toxiproxy(settings(server.url), new Set(["client"]));
    engine = made.engine;
    const system = await processRuntime().start({ ...startOptions(serviceSuite()), front: made.front });
    return {
      ...system,
      [Symbol.asyncDispose]: async () => {
        await system[Symbol.asyncDispose]();
        expect(await server.proxies()).toEqual([]);
        await server.stop();
      },
    };
  };
  describeEngine({
    name: "toxiproxy",
    engine: () => engine,
    start,
    fault: RESET,
    foreign: { kind: "pause", on: "service", fraction: 1, attempts: 1 },
    isStruck: ({ clientUrl }) =>
      fetch(`${clientUrl}/ready`, { headers: { connection: "close" } }).then(
        ({ ok: good }) => !good,
        () => true,
      ),
  });
});

describeToxiproxy("toxiproxy in front of a dependency", () => {
  test("the service's calls go through it by {{name}}, and the receipt counts them at the sidecar", async () => {
    await using server = await toxiproxyServer();
    const { engine, front } = toxiproxy(settings(server.url), LLM);
    const suite = serviceSuite({ dependencies: [stub("llm")], env: { UPSTREAM: "{{llm}}" } });
    await using system = await processRuntime().start({ ...startOptions(suite), front });
    expect(await server.proxies()).toEqual([expect.stringMatching(/^squall-[0-9a-f]{12}-llm$/)]);
    const askUpstream = async (): Promise<number> =>
      (await fetch(`${system.clientUrl}/ask/v1/models`, { headers: { connection: "close" } })).status;
    expect(await askUpstream()).toBe(200);
    const injection = await engine.inject(system, placed({ ...RESET, on: "llm" }), 20_000);
    expect(await askUpstream()).toBe(502);
    expect((await injection.receipts())[0]).toMatchObject({ edge: "llm", affected: 1 });
    await injection.clear();
    expect(await askUpstream()).toBe(200);
  });

  test("counts every exchange of a connection that is kept, and none where nothing came", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const idle = await at.engine.inject(at.system, placed(LATENCY), 20_000);
    expect(await idle.receipts()).toEqual([{ faultId: "f#1", edge: "llm", seen: 0, affected: 0 }]);
    await idle.clear();
    const kept = connect(at.port, "127.0.0.1");
    const ask = async (): Promise<void> => {
      kept.write(get());
      await once(kept, "data");
    };
    await ask();
    const injection = await at.engine.inject(at.system, placed(LATENCY), 20_000);
    await ask();
    await ask();
    await ask();
    expect(await injection.receipts()).toEqual([{ faultId: "f#1", edge: "llm", seen: 3, affected: 3 }]);
    await injection.clear();
    kept.destroy();
  });

  test("a connection opened under reset does not live on with its sudden end", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const injection = await at.engine.inject(at.system, placed({ ...RESET, on: "llm" }), 20_000);
    const idle = connect(at.port, "127.0.0.1");
    idle.on("error", () => undefined);
    await once(idle, "connect");
    const closed = new Promise((resolve) => idle.once("close", resolve));
    await injection.clear();
    await closed;
    expect(idle.destroyed).toBe(true);
  });

  test("a reset that sleeps for long is cleared at once", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const injection = await at.engine.inject(
      at.system,
      placed({ ...RESET, on: "llm", afterMs: 25_000 }),
      60_000,
    );
    const held = exchange(at.port, get());
    await until("it has arrived", async () => (await injection.receipts())[0]?.affected === 1);
    const startMs = performance.now();
    await injection.clear();
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect((await held).bytes.length).toBe(0);
    expect((await exchange(at.port, get(), { until: (text) => text.endsWith(ok()) })).bytes.toString()).toBe(
      ok(),
    );
  });

  test("forMs and the deadline end a fault by a timer of the engine's own, with what it came to", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const fates = async (): Promise<string> =>
      (await exchange(at.port, get(), { until: (text) => text.endsWith(ok()) })).end;
    for (const [forMs, deadlineMs] of [
      [400, 20_000],
      [undefined, 400],
    ]) {
      const fault = { ...RESET, on: "llm", ...(forMs === undefined ? {} : { forMs }) } as Fault;
      const injection = await at.engine.inject(at.system, placed(fault), deadlineMs as number);
      expect(await fates()).toBe("reset");
      await until("it has ended", async () => (await fates()) === "fin");
      const [receipt] = await injection.receipts();
      expect(receipt?.affected).toBeGreaterThan(0);
      await fates();
      expect(await injection.receipts()).toEqual([receipt]);
      await injection.clear();
    }
  });

  test("two faults on one edge: the one that ends leaves the other in force", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const both = [
      {
        id: "f#1",
        fault: { ...RESET, on: "llm", forMs: 300 } as Fault,
        marks: { type: "all" as const },
        seed: 1,
      },
      { id: "f#2", fault: LATENCY, marks: { type: "all" as const }, seed: 1 },
    ];
    const injection = await at.engine.inject(at.system, both, 20_000);
    let late = 0;
    await until("answers come again", async () => {
      const { end, endMs } = await exchange(at.port, get(), { until: (text) => text.endsWith(ok()) });
      late = endMs;
      return end === "fin";
    });
    expect(late).toBeGreaterThan(140);
    await injection.clear();
  });
});

describeToxiproxy("a Toxiproxy that others use too", () => {
  const theirs = { name: "theirs", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", enabled: true };
  const toxicsOfTheirs = async (server: ToxiproxyServer): Promise<unknown> =>
    (await server.call("GET", "/proxies/theirs/toxics")).json();

  test("their proxies and toxics are left alone", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    await at.server.call("POST", "/proxies", theirs);
    await at.server.call("POST", "/proxies/theirs/toxics", { type: "latency", attributes: { latency: 7 } });
    const before = await toxicsOfTheirs(at.server);
    for (const fault of [LATENCY, { ...RESET, on: "llm" }]) {
      const injection = await at.engine.inject(at.system, placed(fault), 20_000);
      await injection.clear();
    }
    await at.leave();
    expect(await at.server.proxies()).toEqual(["theirs"]);
    expect(await toxicsOfTheirs(at.server)).toEqual(before);
  });

  test("someone who resets the server takes the fault away: nothing counts as struck", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const injection = await at.engine.inject(at.system, placed(LATENCY), 20_000);
    await at.server.call("POST", "/reset");
    await exchange(at.port, get(), { until: (text) => text.endsWith(ok()) });
    expect(await injection.receipts()).toMatchObject([{ seen: 1, affected: 0 }]);
    await injection.clear();
  });

  test("a server that dies under a fault: it is not proven gone, and leaving is quiet", async () => {
    await using upstream = await httpServer(() => ok());
    await using at = await toxiproxyStand(upstream.port, "http");
    const injection = await at.engine.inject(at.system, placed(LATENCY), 20_000);
    await at.server.stop();
    await expect(injection.clear()).rejects.toMatchObject({
      code: "fault-not-cleared",
      remedy: expect.stringContaining("docs/toxiproxy.md") as string,
    });
    await at.leave();
  });

  test("names and ports that are taken are said in words, and nothing is left behind", async () => {
    await using server = await toxiproxyServer();
    await using other = await listen(() => undefined);
    const taken = toxiproxy(settings(server.url), LLM).front;
    const places = [
      { edge: "client", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" },
      { edge: "llm", listen: `127.0.0.1:${other.port}`, upstream: "127.0.0.1:9" },
    ];
    await expect(taken.place(server.url, places)).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining(`127.0.0.1:${other.port} is taken`) as string,
    });
    expect(await server.proxies()).toEqual([]);
    const api = new ToxiproxyClient(server.url);
    await api.createProxy(theirs);
    await expect(api.createProxy(theirs)).rejects.toMatchObject({
      message: expect.stringContaining("proxy named theirs already") as string,
      place: `POST ${server.url}/proxies`,
    });
    await api.close();
  });
});

describe("what is no Toxiproxy", () => {
  test.each<[string, RequestListener, string]>([
    ["keeps programs out", (_, response) => response.writeHead(403).end("no"), "forbidden"],
    ["is another server", (_, response) => response.end("<html>hello</html>"), "no Toxiproxy"],
    ["knows no versions", (_, response) => response.writeHead(404).end(), "no Toxiproxy"],
    ["is of another age", (_, response) => response.end("1.2.1"), "Toxiproxy 1.2.1 answers"],
    ["cannot PATCH", (_, response) => response.end('{"version": 2.5.0}'), "Toxiproxy 2.5.0 answers"],
  ])("one that %s is refused", async (_, answer, message) => {
    await using server = await httpAnswer(answer);
    const { front } = toxiproxy(settings(server.url), LLM);
    await expect(place(front, server.url)).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining(message) as string,
      place: `GET ${server.url}/version`,
      remedy: expect.any(String) as string,
    });
  });

  test("where nothing answers, that is said at once", async () => {
    const { front } = toxiproxy(settings("http://127.0.0.1:9"), LLM);
    await expect(place(front, "http://127.0.0.1:9")).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining("ECONNREFUSED") as string,
      remedy: expect.stringContaining("toxiproxy.url") as string,
    });
  });

  test("runtime process cannot start one, and says where its address goes", async () => {
    const { front } = toxiproxy({ image: "x" }, new Set(["client"]));
    const starting = processRuntime().start({ ...startOptions(serviceSuite()), front });
    await expect(starting).rejects.toMatchObject({ code: "fault-unsupported", place: "toxiproxy.url" });
  });

  test("a server that does not listen on this machine is found out", async () => {
    // Answers like one, and listens for nobody.
    await using server = await httpAnswer((request, response) => {
      if (request.method === "DELETE") response.writeHead(204).end();
      else if (request.method === "GET") response.end('{"version": "2.12.0"}');
      else request.pipe(response.writeHead(201));
    });
    const { front } = toxiproxy(settings(server.url), new Set(["client"]));
    const starting = processRuntime().start({ ...startOptions(serviceSuite()), front });
    await expect(starting).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining("another machine") as string,
    });
  });

  test("an edge without one is not its to strike", () => {
    const { engine } = toxiproxy({ image: "x" }, LLM);
    expect(engine.supports({ ...LATENCY, on: "database" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("before database") as string,
    });
  });
});
