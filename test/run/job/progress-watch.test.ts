import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { ProgressEvent } from "../../../src/core/job/progress-event.ts";
import type { JobControl } from "../../../src/run/job/job-ports.ts";
import { watchProgress } from "../../../src/run/job/progress-watch.ts";
import { PATTERNS } from "../../support/jobs/job-suite.ts";

const control = (overrides: Partial<JobControl> = {}): JobControl => ({
  workers: 1,
  start: async () => undefined,
  end: async () => undefined,
  replaceNode: async () => undefined,
  readFile: async () => null,
  metricsUrl: "http://127.0.0.1:1",
  orphans: async () => 0,
  ...overrides,
});

const toldBy = async (...texts: readonly string[]): Promise<readonly ProgressEvent[]> => {
  const told: ProgressEvent[] = [];
  await using watch = watchProgress(
    { type: "output", format: "nanogpt", patterns: PATTERNS },
    control(),
    (events, atMs) => {
      expect(atMs).toBe(1234);
      told.push(...events);
    },
  );
  for (const text of texts) watch.line({ name: "service", stream: "stderr", text, atMs: 1234 });
  return told;
};

test("reads lines under their colours, of either stream", async () => {
  expect(await toldBy("\u001B[1m\u001B[32miter 3: loss 2.5\u001B[0m, time 1ms", "saving 3")).toEqual([
    { type: "step", step: 3, loss: 2.5 },
    { type: "saving", step: 3 },
  ]);
});

test("reads each state of a line that a progress bar wrote over", async () => {
  const bar = `\r ${"#".repeat(5000)}`;
  expect(await toldBy(`${bar}\r\u001B[Kiter 3: loss 2.5${bar}\riter 4: loss 2`)).toEqual([
    { type: "step", step: 3, loss: 2.5 },
    { type: "step", step: 4, loss: 2 },
  ]);
});

test("reads no more of a line than its beginning", async () => {
  expect(await toldBy(`${"x".repeat(4090)} iter 3: loss 2`)).toEqual([]);
  expect(await toldBy(`${"x".repeat(4075)} iter 3: loss 2`)).toEqual([{ type: "step", step: 3, loss: 2 }]);
});

test("hears the first worker alone", async () => {
  await using watch = watchProgress({ type: "output", format: "nanogpt", patterns: {} }, control(), () =>
    expect.unreachable(),
  );
  watch.line({ name: "service-2", stream: "stdout", text: "iter 3: loss 2.5", atMs: 0 });
  watch.line({ name: "data", stream: "stdout", text: "iter 3: loss 2.5", atMs: 0 });
});

test("tells of a file what is new in it, also at once when asked", async () => {
  let text: string | null = null;
  const steps: number[] = [];
  await using watch = watchProgress(
    { type: "file", directory: "disk", path: "a/m.jsonl" },
    control({
      readFile: async (directory, path) => {
        expect([directory, path]).toEqual(["disk", "a/m.jsonl"]);
        return text;
      },
    }),
    (events) => steps.push(...events.flatMap((event) => (event.step === null ? [] : [event.step]))),
  );
  await watch.look();
  text = '{"step":1}\n{"step":2}\n{"st';
  await watch.look();
  expect(steps).toEqual([1, 2]);
  text = '{"step":1}\n{"step":2}\n{"step":3}\n';
  await watch.look();
  expect(steps).toEqual([1, 2, 3]);
});

test("a file that cannot be read just now is looked at again", async () => {
  let fails = true;
  const steps: (number | null)[] = [];
  await using watch = watchProgress(
    { type: "file", directory: "disk", path: "m.jsonl" },
    control({
      readFile: async () => {
        if (fails) throw new Error("EACCES");
        return '{"step":1}\n';
      },
    }),
    (events) => steps.push(...events.map(({ step }) => step)),
  );
  await watch.look();
  fails = false;
  await watch.look();
  expect(steps).toEqual([1]);
});

test("reads the metrics of the first worker, and lives with an endpoint that is away or answers too much", async () => {
  let page = "train_step 7\n";
  const server = createServer(
    (request, response) => void response.end(request.url === "/m" ? page : "train_step 9\n"),
  );
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const steps: (number | null)[] = [];
  await using watch = watchProgress(
    { type: "metrics", path: "/m", step: "train_step" },
    control({ metricsUrl: `http://127.0.0.1:${port}` }),
    (events) => steps.push(...events.map(({ step }) => step)),
  );
  await watch.look();
  page = `train_step 8\n${"#".repeat(5 << 20)}`;
  await watch.look();
  await new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  await watch.look();
  expect(steps).toEqual([7]);
});
