import { expect, test } from "vitest";
import { packetLoss } from "../../../../../src/adapters/runtimes/docker/faults/packet-loss.ts";
import { runWorker } from "../../../../../src/adapters/runtimes/docker/faults/worker.ts";
import {
  packetFilterImage,
  packetFilterSupported,
} from "../../../../../src/adapters/runtimes/docker/packet-filter-image.ts";
import type { FaultOf } from "../../../../../src/core/fault.ts";
import { docker, get, type Lab, openLab, runIn } from "./lab.ts";

const fault = (rate: number, on = "llm"): FaultOf<"packet-loss"> => ({
  kind: "packet-loss",
  on,
  fraction: 1,
  attempts: 1,
  rate,
});

/** All rules of the sidecar's namespace, by either make of iptables. */
const rules = async (lab: Lab): Promise<string> => {
  const image = await packetFilterImage(docker);
  const listings = await Promise.all(
    image.programs.map((program) =>
      runWorker(docker, {
        image: image.name,
        command: [program, "iptables-save", "-t", "filter"],
        env: image.env,
        labels: {},
        network: `container:${lab.sidecar.id}`,
        capabilities: ["NET_ADMIN", "NET_RAW"],
      }),
    ),
  );
  return listings.map(({ stdout }) => stdout.replace(/^#.*\n| \[\d+:\d+\]/gm, "")).join("");
};

test("loses every packet at rate 1, counts them, and leaves no rule", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const before = await rules(lab);
  const strike = await packetLoss(lab.context, fault(1), 1);
  expect(await strike.effect()).toEqual({ seen: 0, affected: 0 });
  expect(await runIn(service, get("llm", "/lost", 1500))).toBe("TIMEOUT");
  const { seen, affected } = await strike.effect();
  expect(affected).toBeGreaterThan(0);
  expect(seen).toBe(affected);
  await strike.clear();
  await strike.clear();
  expect(await rules(lab)).toBe(before);
  expect(await runIn(service, get("llm"))).toBe("/hello");
  expect(await lab.leftovers()).toEqual([]);
});

test("loses about its rate of the packets, and requests arrive late rather than never", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const strike = await packetLoss(lab.context, fault(0.1), 1);
  const answers = await runIn(
    service,
    `const http = require("node:http");
    const get = () => new Promise((resolve) => http.get({ host: "llm", port: 8600, path: "/", agent: false }, (response) => response.resume().on("end", () => resolve(1))).on("error", () => resolve(0)));
    Promise.all(Array.from({ length: 120 }, get)).then((all) => console.log(all.reduce((sum, one) => sum + one)));`,
  );
  expect(Number(answers)).toBe(120);
  const { seen, affected } = await strike.effect();
  expect(seen).toBeGreaterThan(120 * 6);
  // Five standard errors around the rate.
  expect(Math.abs(affected / seen - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / seen));
  await strike.clear();
});

test("two on one port are counted and removed apart", async () => {
  await using lab = await openLab();
  const [service] = lab.services as [(typeof lab.services)[number]];
  const first = await packetLoss(lab.context, fault(1e-6), 1);
  const second = await packetLoss(lab.context, fault(1, "client"), 1);
  expect(await runIn(service, get("llm", "/", 700))).toBe("TIMEOUT");
  expect((await second.effect()).affected).toBeGreaterThan(0);
  await second.clear();
  expect(await runIn(service, get("llm"))).toBe("/hello");
  expect((await first.effect()).seen).toBeGreaterThan(0);
  await first.clear();
  expect(await rules(lab)).not.toContain("SQUALL");
});

test("the rules go with the sidecar", async () => {
  await using lab = await openLab();
  const strike = await packetLoss(lab.context, fault(0.5), 1);
  await lab.sidecar.kill();
  await expect(strike.clear()).resolves.toBeUndefined();
});

test("the image is made of this machine's own iptables, once", async () => {
  expect(packetFilterSupported()).toEqual({ ok: true });
  const { name, programs } = await packetFilterImage(docker);
  expect(programs.length).toBeGreaterThan(0);
  const first = await docker.getImage(name).inspect();
  expect((await packetFilterImage(docker)).name).toBe(name);
  expect((await docker.getImage(name).inspect()).Id).toBe(first.Id);
  expect(first.Config.Labels).toMatchObject({ "dev.squall.image": "packet-filter" });
});
