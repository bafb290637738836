import { connect } from "node:net";
import { expect, test } from "vitest";
import type { Direction } from "../../../src/core/fault.ts";
import { edgeTo, type FaultParameters, listen, placed, sidecar } from "../support/peers.ts";

const BODY = "x".repeat(2_000);
const REQUEST = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: ${2 * BODY.length}\r\n\r\n${BODY}${BODY}`;
/** A direction that a fault slows takes at least so long; one that it spares takes less. */
const SLOW_MS = 195;

/** What came one way: how much, in how many pieces, and how long after its sender began. */
interface Way {
  readonly bytes: number;
  readonly pieces: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

class Watched implements Way {
  bytes = 0;
  pieces = 0;
  firstMs = 0;
  lastMs = 0;
  sentMs = 0;

  take(chunk: Buffer): void {
    this.lastMs = performance.now() - this.sentMs;
    if (this.pieces === 0) this.firstMs = this.lastMs;
    this.pieces++;
    this.bytes += chunk.length;
  }
}

/** One request and its answer under the fault: both as their receivers saw them. */
const under = async (
  fault: FaultParameters,
  protocol: "http" | "tcp",
): Promise<{ up: Way; down: Way; affected: number }> => {
  const up = new Watched();
  const down = new Watched();
  await using upstream = await listen((socket) => {
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      up.take(chunk);
      if (up.bytes < REQUEST.length) return;
      down.sentMs = performance.now();
      socket.write(ANSWER);
    });
  });
  await using proxy = await sidecar([edgeTo(upstream.port, "llm", protocol)]);
  await proxy.setFaults([placed(fault)]);
  await new Promise<void>((resolve) => {
    const client = connect({ port: proxy.port("llm"), host: "127.0.0.1", noDelay: true });
    const done = (): void => {
      client.destroy();
      resolve();
    };
    client.on("connect", () => {
      up.sentMs = performance.now();
      client.write(REQUEST);
    });
    client.on("data", (chunk: Buffer) => {
      down.take(chunk);
      if (down.bytes >= ANSWER.length) done();
    });
    client.on("end", done);
    client.on("error", done);
  });
  return { up, down, affected: (await proxy.receipts()).receipts[0]?.affected ?? 0 };
};

const CASES = (["upstream", "downstream", "both"] as const).flatMap((direction) =>
  (["http", "tcp"] as const).map((protocol) => [direction, protocol] as const),
);
const reached = (direction: Direction): readonly [boolean, boolean] => [
  direction !== "downstream",
  direction !== "upstream",
];

test.each(CASES)(
  "latency %s on a %s edge: those bytes are late, and no others",
  async (direction, protocol) => {
    const delay = { delayMs: 200, jitterMs: 0, distribution: "constant" } as const;
    const { up, down, affected } = await under({ kind: "latency", direction, ...delay }, protocol);
    expect([up.firstMs >= SLOW_MS, down.firstMs >= SLOW_MS]).toEqual(reached(direction));
    expect([up.bytes, down.bytes, affected]).toEqual([REQUEST.length, ANSWER.length, 1]);
  },
);

test.each(CASES)(
  "bandwidth %s on a %s edge: those bytes are slow, and no others",
  async (direction, protocol) => {
    const { up, down, affected } = await under(
      { kind: "bandwidth", direction, bytesPerSecond: 10_000 },
      protocol,
    );
    expect([up.lastMs >= SLOW_MS, down.lastMs >= SLOW_MS]).toEqual(reached(direction));
    expect([up.bytes, down.bytes, affected]).toEqual([REQUEST.length, ANSWER.length, 1]);
  },
);

test.each(CASES)(
  "slicer %s on a %s edge: those bytes come in slices, and no others",
  async (direction, protocol) => {
    const { up, down, affected } = await under(
      { kind: "slicer", direction, sizeBytes: 100, variationBytes: 5, delayMs: 11 },
      protocol,
    );
    // At least 20 slices; a receiver that is late may find several of them together.
    expect([up.pieces >= 5, down.pieces >= 5]).toEqual(reached(direction));
    expect([up.lastMs >= SLOW_MS, down.lastMs >= SLOW_MS]).toEqual(reached(direction));
    expect([up.bytes, down.bytes, affected]).toEqual([REQUEST.length, ANSWER.length, 1]);
  },
);

test.each(CASES)(
  "limit-data %s on a %s edge: exactly so many bytes of that way",
  async (direction, protocol) => {
    const { up, down, affected } = await under({ kind: "limit-data", direction, bytes: 500 }, protocol);
    const expected: Record<Direction, readonly [number, number]> = {
      upstream: [500, 0],
      downstream: [REQUEST.length, 500],
      both: [500, 0],
    };
    expect([up.bytes, down.bytes]).toEqual(expected[direction]);
    expect(affected).toBe(1);
  },
);

test.each(["http", "tcp"] as const)(
  "limit-data upstream on a %s edge lets any answer through where the request is below it",
  async (protocol) => {
    const { up, down, affected } = await under(
      { kind: "limit-data", direction: "upstream", bytes: REQUEST.length },
      protocol,
    );
    expect([up.bytes, down.bytes, affected]).toEqual([REQUEST.length, ANSWER.length, 0]);
  },
);
