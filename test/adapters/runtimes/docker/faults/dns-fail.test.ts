import { expect, test } from "vitest";
import { dnsFail } from "../../../../../src/adapters/runtimes/docker/faults/dns-fail.ts";
import { endpointsOf } from "../../../../../src/adapters/runtimes/docker/faults/endpoint.ts";
import { freePorts } from "../../../../../src/adapters/runtimes/process/free-ports.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { until } from "../../../../support/services/living.ts";
import { docker, get, openLab, runIn } from "./lab.ts";

const fault = (...names: string[]): FaultOf<"dns-fail"> => ({
  kind: "dns-fail",
  on: "service",
  fraction: 1,
  attempts: 1,
  names,
});

test("one name no longer resolves while another goes on, and both do after clearing", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const before = await endpointsOf(docker, lab.sidecar.id);
  const strike = await dnsFail(lab.context, fault("llm"), 1);
  expect(await strike.effect()).toEqual({ seen: 1, affected: 1 });
  expect(await runIn(service, get("llm"))).toMatch(/ENOTFOUND|EAI_AGAIN/);
  expect(await runIn(service, get("vector"))).toBe("/hello");
  expect((await endpointsOf(docker, lab.sidecar.id))[0]?.address).toBe(before[0]?.address);

  await strike.clear();
  await strike.clear();
  expect(await strike.effect()).toEqual({ seen: 1, affected: 0 });
  expect(await runIn(service, get("llm"))).toBe("/hello");
  expect((await endpointsOf(docker, lab.sidecar.id))[0]?.aliases.toSorted()).toEqual([
    "llm",
    "the-sidecar",
    "vector",
  ]);
  expect(await lab.leftovers()).toEqual([]);
});

test("a connection that is there lives on", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const twice = runIn(
    service,
    `const http = require("node:http"); const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path) => new Promise((resolve, reject) => http.get({ host: "llm", port: 8600, path, agent }, (response) => {
      response.on("data", (bytes) => process.stdout.write(bytes)).on("end", () => resolve(response.req.reusedSocket)); }).on("error", reject));
    (async () => { await get("/first"); require("node:fs").writeFileSync("/tmp/connected", ""); 
    while (!require("node:fs").existsSync("/tmp/struck")) await new Promise((resolve) => setTimeout(resolve, 20));
    process.stdout.write(" reused " + await get("/second")); agent.destroy(); })();`,
  );
  await runIn(
    service,
    `const wait = () => require("node:fs").existsSync("/tmp/connected") || setTimeout(wait, 20); wait();`,
  );
  const strike = await dnsFail(lab.context, fault("llm"), 1);
  await runIn(service, `require("node:fs").writeFileSync("/tmp/struck", "")`);
  expect(await twice).toBe("/first/second reused true");
  await strike.clear();
});

test("two that lie over each other give back their own names alone, in any order", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const first = await dnsFail(lab.context, fault("llm"), 1);
  const second = await dnsFail(lab.context, fault("vector"), 1);
  await first.clear();
  expect(await runIn(service, get("llm"))).toBe("/hello");
  expect(await second.effect()).toEqual({ seen: 1, affected: 1 });
  await second.clear();
  expect(await runIn(service, get("vector"))).toBe("/hello");
});

test("a name that is none of ours is refused with those that could stand there", async () => {
  await using lab = await openLab();
  await expect(dnsFail(lab.context, fault("llm", "api.example.com"), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: "dns-fail: api.example.com is no name that this run gives.",
    remedy: "Write one of: llm, vector.",
  });
  expect(await runIn(lab.services[0] as (typeof lab.services)[number], get("llm"))).toBe("/hello");
});

test("a name that the proxy in front bears is refused with what to do", async () => {
  await using lab = await openLab();
  await expect(dnsFail(lab.context, fault("fronted"), 1)).rejects.toMatchObject({
    code: "fault-unsupported",
    message: expect.stringContaining("proxy in front"),
  });
});

test("a published port with a fixed number answers before, while and after", async () => {
  const [port = 0] = await freePorts(1);
  await using lab = await openLab({ publishedPort: port });
  const answer = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/published`)).text();
  await until("it answers", () => answer().then(Boolean, () => false));
  const strike = await dnsFail(lab.context, fault("llm"), 1);
  expect(await answer()).toBe("/published");
  await strike.clear();
  expect(await answer()).toBe("/published");
});

test("says so where a published port of the sidecar moved", async () => {
  await using lab = await openLab({ publishedPort: 0 });
  await expect(dnsFail(lab.context, fault("llm"), 1)).rejects.toMatchObject({
    message: expect.stringContaining("published ports moved"),
  });
});
