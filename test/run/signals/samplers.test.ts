/** Signals read from real servers over real sockets. */
import { EventEmitter, once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Signal } from "../../../src/core/signals/signal.ts";
import { MetricSampler, type MetricSource } from "../../../src/run/signals/metric-sampler.ts";
import { PathSampler } from "../../../src/run/signals/path-sampler.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

interface Replica {
  readonly url: string;
  /** Resolves when so many requests have been answered from now on. */
  readonly answered: (count: number) => Promise<void>;
}

const replica = async (listener: RequestListener): Promise<Replica> => {
  const events = new EventEmitter();
  const server = createServer((request, response) => {
    response.on("close", () => events.emit("answered"));
    listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered: async (count) => {
      for (let seen = 0; seen < count; seen++) await once(events, "answered");
    },
  };
};

/** Says the next text each time, and the last one for ever. */
const saying = (...texts: readonly (string | number | Buffer)[]): RequestListener => {
  let place = 0;
  return (_, response) => {
    const text = texts[Math.min(place++, texts.length - 1)];
    if (typeof text === "number") response.writeHead(text).end();
    else response.end(text);
  };
};

const metric = (given: Partial<MetricSource> = {}): MetricSource => ({
  type: "metric",
  path: "/metrics",
  metric: "m",
  labels: {},
  counter: false,
  ...given,
});
const signal = (source: MetricSource): Signal => ({ name: "s", source });

/** Values after `count` reads of every replica. */
const read = async (source: MetricSource, replicas: readonly Replica[], count: number) => {
  const sampler = new MetricSampler(
    { serviceUrls: replicas.map(({ url }) => url) },
    "/metrics",
    new Map([["s", source]]),
    Date.now(),
  );
  await Promise.all(replicas.map(({ answered }) => answered(count)));
  await sampler[Symbol.asyncDispose]();
  return {
    samples: sampler.samplesOf(signal(source)).slice(0, count),
    why: sampler.whyNothing(signal(source)),
  };
};
const valuesOf = ({ samples }: { readonly samples: readonly { readonly value: number | null }[] }) =>
  samples.map(({ value }) => value);

describe("a metric", () => {
  test("is added up over replicas; one that does not answer is left out", async () => {
    const one = await replica(saying("m 1\n", "m 2\n"));
    const other = await replica(saying("m 10\n", 503));
    expect(valuesOf(await read(metric(), [one, other], 2))).toEqual([11, 2]);
  });

  test("is none where the text holds garbage, no such series, is too large, or is no answer", async () => {
    const huge = Buffer.alloc((4 << 20) + 4, "m 1\n");
    const one = await replica(saying("m NaN\n", "other 1\n", huge, 404, "m 5\n"));
    expect(valuesOf(await read(metric(), [one], 5))).toEqual([null, null, null, null, 5]);
  });

  test("that is a counter is its growth per second, of each replica by itself", async () => {
    const one = await replica(saying("m 100\n", "m 105\n"));
    const other = await replica(saying("m 7\n", "m 7\n"));
    const { samples } = await read(metric({ counter: true }), [one, other], 2);
    const seconds = ((samples[1]?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 1000;
    expect(samples[0]?.value).toBeNull();
    expect(samples[1]?.value).toBeCloseTo(5 / seconds, 9);
  });

  test("that is a counter begins anew with its process, and is born with its first event", async () => {
    const restarted = await read(metric({ counter: true }), [await replica(saying("m 100\n", "m 3\n"))], 2);
    const born = await read(metric({ counter: true }), [await replica(saying("other 1\n", "m 3\n"))], 2);
    for (const { samples } of [restarted, born]) {
      const seconds = ((samples[1]?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 1000;
      expect(samples[1]?.value).toBeCloseTo(3 / seconds, 9);
    }
  });

  test("that is a counter grows over the time in which it could not be read", async () => {
    const { samples } = await read(
      metric({ counter: true }),
      [await replica(saying("m 1\n", 500, "m 9\n"))],
      3,
    );
    const seconds = ((samples[2]?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 1000;
    expect(samples[1]?.value).toBeNull();
    expect(samples[2]?.value).toBeCloseTo(8 / seconds, 9);
  });

  test("that was never there says so, and so does a path that never answered", async () => {
    expect((await read(metric(), [await replica(saying("other 1\n"))], 1)).why).toMatch(
      /no series of this name/,
    );
    expect((await read(metric(), [await replica(saying(404))], 1)).why).toMatch(/never gave a text/);
    expect((await read(metric(), [await replica(saying("m 1\n"))], 1)).why).toBeNull();
  });
});

test("a path is as bad as its worst replica, and no answer is worst", async () => {
  const good = await replica(saying(200));
  const bad = await replica(saying(200, 503));
  const urls = [good.url, bad.url];
  const sampler = new PathSampler({ serviceUrls: urls }, "/deep", Date.now());
  await Promise.all([good.answered(2), bad.answered(2)]);
  urls.push("http://127.0.0.1:1");
  await good.answered(1);
  await sampler[Symbol.asyncDispose]();
  expect(sampler.samples.slice(0, 3).map(({ value }) => value)).toEqual([200, 503, 0]);
});
