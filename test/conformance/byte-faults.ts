/**
 * Byte faults that more than one engine can do: through each of them a caller's raw socket sees the same. An engine's test
 * calls `describeByteFaults` with a way to stand before an upstream.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Receipt } from "../../src/core/exchange.ts";
import type { ByteFault, Fault } from "../../src/core/fault.ts";
import type { Engine, RunningSystem } from "../../src/run/ports.ts";
import { exchange, get, httpServer, listen, ok, type Received } from "../sidecar/support/peers.ts";
import { until } from "../support/services/living.ts";

/** An engine before one upstream, on an edge named `llm`. */
export interface Stand extends AsyncDisposable {
  readonly engine: Engine;
  readonly system: RunningSystem;
  /** Where callers connect. */
  readonly port: number;
}

export interface ByteEngineUnderTest {
  readonly name: string;
  readonly stand: (upstreamPort: number, protocol: "http" | "tcp") => Promise<Stand>;
}

const DEADLINE_MS = 20_000;
const CONSTANT = { jitterMs: 0, distribution: "constant" } as const;
const CLOSE = "connection: close\r\n";
const FIRST_LINE = "HTTP/1.1 200 OK";

/** What is left of a time when the machine's hiccups are taken off: nothing makes an answer come sooner than it can. */
const fastest = (values: readonly number[]): number => Math.min(...values);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const inForce = async (
  { engine, system }: Stand,
  fault: ByteFault,
  meanwhile: () => Promise<void>,
): Promise<Receipt | undefined> => {
  const whole: Fault = { on: "llm", fraction: 1, attempts: "all", ...fault };
  expect(engine.supports(whole)).toEqual({ ok: true });
  const placed = [{ id: "f#1", fault: whole, marks: { type: "all" as const }, seed: 1 }];
  const injection = await engine.inject(system, placed, DEADLINE_MS);
  let receipt: Receipt | undefined;
  try {
    await meanwhile();
    [receipt] = await injection.receipts();
  } finally {
    await injection.clear();
  }
  return receipt;
};

const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
};

/** Asks, and takes the answer until it has come whole. */
const ask = (port: number, answer: string): Promise<Received> =>
  exchange(port, get("/", CLOSE), { until: (text) => text.length >= answer.length });

const times = async (count: number, measure: () => Promise<number>): Promise<number[]> => {
  const measured: number[] = [];
  for (let round = 0; round < count; round++) measured.push(await measure());
  return measured;
};

const struck = (receipt: Receipt | undefined, least = 1): void => {
  expect(receipt).toMatchObject({ faultId: "f#1", edge: "llm" });
  expect(receipt?.affected).toBeGreaterThanOrEqual(least);
  expect(receipt?.seen).toBeGreaterThanOrEqual(receipt?.affected ?? Number.NaN);
};

export const describeByteFaults = ({ name, stand }: ByteEngineUnderTest): void => {
  describe(`byte faults through ${name}`, () => {
    test.each([
      ["downstream", 1],
      ["both", 2],
    ] as const)("latency %s: an answer is late by %i times the delay", async (direction, crossings) => {
      await using upstream = await httpServer(() => ok());
      await using at = await stand(upstream.port, "http");
      const answerMs = (): Promise<number> => ask(at.port, ok()).then(({ endMs }) => endMs);
      let lateMs = 0;
      const receipt = await inForce(
        at,
        { kind: "latency", direction, delayMs: 120, ...CONSTANT },
        async () => {
          lateMs = fastest(await times(4, answerMs));
        },
      );
      struck(receipt, 4);
      expect(lateMs).toBeGreaterThan(crossings * 120 - 5);
      expect(lateMs).toBeLessThan(crossings * 120 + 100);
      expect(fastest(await times(4, answerMs))).toBeLessThan(100);
    });

    test("latency with jitter: answers are late by what lies between delay less and plus jitter", async () => {
      await using upstream = await httpServer(() => ok());
      await using at = await stand(upstream.port, "http");
      let late: number[] = [];
      const fault = {
        kind: "latency",
        direction: "downstream",
        delayMs: 60,
        jitterMs: 40,
        distribution: "uniform",
      } as const;
      struck(
        await inForce(at, fault, async () => {
          late = await times(20, () => ask(at.port, ok()).then(({ endMs }) => endMs));
        }),
        20,
      );
      expect(fastest(late)).toBeGreaterThan(15);
      // Without jitter none comes before the delay; of twenty draws all beyond it: one in 40 000.
      expect(fastest(late)).toBeLessThan(57);
    });

    test("latency strikes a connection that stands, and lets it go when cleared", async () => {
      await using upstream = await listen((socket) => socket.pipe(socket));
      await using at = await stand(upstream.port, "tcp");
      const socket = await open(at.port);
      const roundTripMs = async (): Promise<number> => {
        const startMs = performance.now();
        socket.write("x");
        await once(socket, "data");
        return performance.now() - startMs;
      };
      await roundTripMs();
      const fault = { kind: "latency", direction: "both", delayMs: 80, ...CONSTANT } as const;
      struck(
        await inForce(at, fault, async () => {
          expect(await roundTripMs()).toBeGreaterThan(150);
        }),
      );
      expect(fastest(await times(4, roundTripMs))).toBeLessThan(80);
      socket.destroy();
    });

    test("bandwidth: an answer takes its size by the rate", async () => {
      const answer = ok("x".repeat(8_000));
      await using upstream = await httpServer(() => answer);
      await using at = await stand(upstream.port, "http");
      const took: Received[] = [];
      const fault = { kind: "bandwidth", bytesPerSecond: 20_000, direction: "downstream" } as const;
      struck(
        await inForce(at, fault, async () => {
          for (let round = 0; round < 3; round++) took.push(await ask(at.port, answer));
        }),
        3,
      );
      for (const { bytes } of took) expect(bytes.toString()).toBe(answer);
      const tookMs = fastest(took.map(({ endMs }) => endMs));
      expect(tookMs).toBeGreaterThan(300);
      expect(tookMs).toBeLessThan(700);
    });

    test("slicer: the same bytes in pieces of about the size", async () => {
      const answer = ok("x".repeat(300));
      await using upstream = await httpServer(() => answer);
      await using at = await stand(upstream.port, "http");
      const sizes: number[] = [];
      let text = "";
      const fault = {
        kind: "slicer",
        sizeBytes: 40,
        variationBytes: 10,
        delayMs: 12,
        direction: "downstream",
      } as const;
      struck(
        await inForce(at, fault, async () => {
          const socket = await open(at.port);
          socket.on("data", (piece: Buffer) => {
            sizes.push(piece.length);
            text += piece.toString();
          });
          socket.write(get());
          await until("all has come", () => text.length >= answer.length);
          socket.destroy();
        }),
      );
      expect(text).toBe(answer);
      // Where the reader was held up two pieces are read as one, hence the median.
      expect(median(sizes)).toBeLessThanOrEqual(50);
      expect(sizes.length).toBeGreaterThanOrEqual(Math.floor(answer.length / 50) - 1);
    });

    test("blackhole: accepted, then silence; when cleared the connection ends, and a new one is answered", async () => {
      let asked = 0;
      await using upstream = await httpServer(() => {
        asked++;
        return ok();
      });
      await using at = await stand(upstream.port, "http");
      let held: Promise<Received> | null = null;
      struck(
        await inForce(at, { kind: "blackhole" }, async () => {
          held = exchange(at.port, get());
          // Silence has no event: as long as several answers would take.
          expect(await Promise.race([held, sleep(300, "silent")])).toBe("silent");
        }),
      );
      expect((await (held as Promise<Received> | null))?.bytes.length).toBe(0);
      expect(asked).toBe(0);
      expect((await ask(at.port, ok())).bytes.toString()).toContain(FIRST_LINE);
    });

    test("refuse: ECONNREFUSED, connections that stood idle are ended, and the port comes back", async () => {
      await using upstream = await httpServer(() => ok());
      await using at = await stand(upstream.port, "http");
      const idle = await open(at.port);
      const ended = new Promise((resolve) => idle.once("close", resolve));
      idle.resume();
      struck(
        await inForce(at, { kind: "refuse" }, async () => {
          await ended;
          const socket = connect(at.port, "127.0.0.1");
          const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
          expect(error.code).toBe("ECONNREFUSED");
        }),
      );
      expect((await ask(at.port, ok())).bytes.toString()).toContain(FIRST_LINE);
    });

    const RESETS: readonly (readonly [string, ByteFault, number])[] = [
      ["at once", { kind: "reset" }, 0],
      ["after 150 ms", { kind: "reset", afterMs: 150 }, 150],
    ];
    test.each(RESETS)("reset %s: ECONNRESET, without a byte of an answer", async (_, fault, afterMs) => {
      // Of an upstream that takes its time, or the answer would be there first.
      await using upstream = await httpServer(() => null);
      await using at = await stand(upstream.port, "http");
      struck(
        await inForce(at, fault, async () => {
          const startMs = performance.now();
          const socket = await open(at.port);
          let bytes = 0;
          socket.on("data", (piece: Buffer) => {
            bytes += piece.length;
          });
          const broken = once(socket, "error") as Promise<[NodeJS.ErrnoException]>;
          socket.write(get());
          expect((await broken)[0].code).toBe("ECONNRESET");
          expect(bytes).toBe(0);
          expect(performance.now() - startMs).toBeGreaterThan(afterMs - 5);
          expect(performance.now() - startMs).toBeLessThan(afterMs + 2000);
        }),
      );
    });

    test("reset: a new connection is answered after clearing, and ends by FIN", async () => {
      await using upstream = await httpServer((_request, socket) => {
        socket.end(ok());
        return null;
      });
      await using at = await stand(upstream.port, "http");
      struck(
        await inForce(at, { kind: "reset" }, async () => {
          expect((await exchange(at.port, get())).end).toBe("reset");
        }),
      );
      const after = await exchange(at.port, get("/", CLOSE));
      expect([after.bytes.toString(), after.end]).toEqual([ok(), "fin"]);
    });

    test("limit-data: exactly so many bytes, then FIN", async () => {
      await using upstream = await httpServer(() => ok());
      await using at = await stand(upstream.port, "http");
      struck(
        await inForce(at, { kind: "limit-data", bytes: 20, direction: "downstream" }, async () => {
          const cut = await exchange(at.port, get());
          expect([cut.bytes.toString(), cut.end]).toEqual([ok().slice(0, 20), "fin"]);
        }),
      );
      expect((await ask(at.port, ok())).bytes.toString()).toContain(FIRST_LINE);
    });

    test("slow-close: the answer comes at once, its FIN late", async () => {
      const answer = ok("hello", CLOSE);
      await using upstream = await httpServer((_request, socket) => {
        socket.end(answer);
        return null;
      });
      await using at = await stand(upstream.port, "http");
      let got: Received | null = null;
      struck(
        await inForce(at, { kind: "slow-close", delayMs: 800 }, async () => {
          got = await exchange(at.port, get("/", CLOSE));
        }),
      );
      const { bytes, end, firstMs, endMs } = got as unknown as Received;
      expect([bytes.toString(), end]).toEqual([answer, "fin"]);
      // Either may be seen late on a busy machine.
      expect(endMs - firstMs).toBeGreaterThan(400);
      expect(endMs - firstMs).toBeLessThan(4000);
    });
  });
};
