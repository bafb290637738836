/** The workers of a job as the engine runs them: started, ended, their machine replaced, their directories. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { describeDocker, testEngine } from "../../../support/docker/engine.ts";
import { until } from "../../../support/services/living.ts";
import { ownContainers } from "./support/docker-system.ts";
import { base, jobSystem, MIB } from "./support/job-system.ts";

const volumesOf = async (runId: string): Promise<string[]> => {
  const { docker } = await testEngine();
  const { Volumes } = await docker.listVolumes({ filters: { label: [`dev.squall.run=${runId}`] } });
  return (Volumes ?? []).map(({ Name }) => Name);
};

describeDocker("the workers of a job", () => {
  test("none is made before it is started; one that ended is started again as it was left; all is told in order", async () => {
    await using system = await jobSystem();
    expect(system.job.workers).toBe(1);
    expect(await ownContainers("service")).toEqual([]);
    expect(await system.job.readFile("checkpoints", "step-1")).toBeNull();

    const beforeMs = Date.now();
    await system.up();
    expect(system.job.metricsUrl).toBe(system.serviceUrls[0]);
    expect(await system.answer("about")).toEqual({
      CHECKPOINT_DIR: "/squall/checkpoints",
      SCRATCH_DIR: "/squall/disk",
      RANK: "0",
      WORLD_SIZE: "1",
      uid: 0,
      wasHere: false,
    });
    expect(await system.answer("ask")).toEqual({ status: 404 });
    await system.answer("put/5/squall/checkpoints/step-1");
    await system.answer("put/5/squall/disk/cache");
    await system.exit(3);
    const word = { name: "service", stream: "stdout" };
    expect(system.told).toMatchObject([
      { ...word, text: "worker 0 of 1 with [redacted]" },
      { text: expect.stringMatching(/leaving with 3|and a last word/) },
      { text: expect.stringMatching(/leaving with 3|and a last word/) },
      { name: "service", exitCode: 3, signal: null, injected: false },
    ]);
    expect(system.told).toContainEqual(
      expect.objectContaining({ stream: "stderr", text: "and a last word" }),
    );
    for (const { atMs } of system.told) expect(atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(system.processes.exits()).toEqual(system.exits());

    await system.up();
    expect(await system.answer("about")).toMatchObject({ wasHere: true });
    expect(await system.answer("list/squall/checkpoints")).toEqual(["step-1"]);
    expect(await system.answer("list/squall/disk")).toEqual(["cache"]);
    await system.job.start(0);
    expect(await ownContainers("service")).toHaveLength(1);
    expect(await system.job.orphans()).toBe(0);
  });

  test("after a node replacement its checkpoints are there, and neither its disk, its volumes nor its own layer", async () => {
    await using system = await jobSystem({ volumes: ["/cache"] });
    await system.up();
    for (const file of ["squall/checkpoints/step-1", "squall/disk/shard", "cache/tokens"])
      await system.answer(`put/5/${file}`);
    // Its machine goes with it, whether it runs or not.
    await system.job.replaceNode(0);
    expect(system.exits()).toMatchObject([{ name: "service", signal: "SIGKILL", injected: true }]);
    expect(await ownContainers("service")).toEqual([]);
    await system.up();
    expect(await system.answer("about")).toMatchObject({ wasHere: false });
    expect(await system.answer("list/squall/checkpoints")).toEqual(["step-1"]);
    expect(await system.answer("list/squall/disk")).toEqual([]);
    expect(await system.answer("list/cache")).toEqual([]);
    await system.answer("put/5/squall/disk/shard");
  });

  test("an end is asked for first, then enforced, of a paused worker too, and told after its last words, before it resolves", async () => {
    await using graceful = await jobSystem({ env: { GRACE: "20000" } });
    await graceful.up();
    await graceful.processes.pause("service");
    await graceful.job.end(0);
    expect(graceful.told.at(-2)).toMatchObject({ text: "shard 20000 saved" });
    expect(graceful.told.at(-1)).toMatchObject({ exitCode: 0, signal: null, injected: true });
    await graceful.job.end(0);
    expect(graceful.exits()).toHaveLength(1);

    await using deaf = await jobSystem();
    await deaf.job.end(0);
    await deaf.up();
    await deaf.processes.pause("service");
    await deaf.job.end(0);
    expect(deaf.exits()).toMatchObject([{ exitCode: null, signal: "SIGKILL", injected: true }]);
    await deaf.up();
  });

  test("a user of the image's own writes to both directories, also on a new machine", async () => {
    await using system = await jobSystem({ user: 65_532 });
    for (const _life of ["first", "on a new machine"]) {
      await system.up();
      expect(await system.answer("about")).toMatchObject({ uid: 65_532 });
      for (const directory of ["checkpoints", "disk"])
        await system.answer(`put/5/squall/${directory}/${randomUUID()}`);
      await system.job.end(0);
      await system.job.replaceNode(0);
    }
  });

  test("workers share the checkpoints, have a disk each, and die and are replaced alone", async () => {
    await using system = await jobSystem({ workers: 2 });
    await Promise.all([system.up(0), system.up(1)]);
    expect(await system.answer("about", 1)).toMatchObject({ RANK: "1", WORLD_SIZE: "2" });
    await system.answer("put/5/squall/checkpoints/from-the-second", 1);
    await system.answer("put/5/squall/disk/first", 0);
    await system.answer("put/5/squall/disk/second", 1);
    expect(await system.answer("list/squall/checkpoints", 0)).toEqual(["from-the-second"]);

    await system.processes.kill("service-2", "SIGKILL", 0);
    await until("the kill is told", () => system.exits().length === 1);
    expect(system.exits()).toMatchObject([{ name: "service-2", signal: "SIGKILL", injected: true }]);
    await system.job.replaceNode(1);
    expect(await system.answer("list/squall/disk", 0)).toEqual(["first"]);
    await system.up(1);
    expect(await system.answer("list/squall/disk", 1)).toEqual([]);
    expect(await system.answer("list/squall/checkpoints", 1)).toEqual(["from-the-second"]);
    await expect(system.job.start(2)).rejects.toMatchObject({ code: "internal" });
  });

  test("a worker that cannot be started says why, and can be tried again", async () => {
    await using system = await jobSystem({
      files: [{ source: "train-worker.mjs", target: "/usr/local/bin/node" }],
    });
    for (const _try of [1, 2])
      await expect(system.job.start(0)).rejects.toMatchObject({ code: "service-start-failed" });
    expect(await ownContainers("service")).toEqual([]);
  });

  test("files are read of a running and of a stopped worker, their end alone where they are long, never outside", async () => {
    await using system = await jobSystem();
    const read = (path: string, directory: "checkpoints" | "disk" = "checkpoints") =>
      system.job.readFile(directory, path);
    await system.up();
    await system.answer("put/5/squall/checkpoints/log");
    await system.answer("put/7/squall/disk/log");
    await system.answer(`put/${17 * MIB}/squall/disk/long`);
    for (const [name, to] of [
      ["latest", "log"],
      ["passwd", "/etc/passwd"],
      ["root", "/"],
      ["nowhere", "/squall/checkpoints/none"],
    ])
      await system.answer(`link/${name}?to=${to}`);
    const readAll = async (): Promise<void> => {
      expect(await read("log")).toBe("xxxxx");
      expect(await read("./a/../log")).toBe("xxxxx");
      expect(await read("latest")).toBe("xxxxx");
      expect(await read("log", "disk")).toBe("xxxxxxx");
      expect(await read("none")).toBeNull();
      expect(await read("nowhere")).toBeNull();
      expect(await read("log/below")).toBeNull();
      const long = await read("long", "disk");
      expect(long?.length).toBe(16 * MIB);
      for (const path of [
        "../disk/log",
        "/etc/passwd",
        "..",
        "",
        ".",
        "a/../..",
        "passwd",
        "root/etc/passwd",
        "x\0",
      ])
        await expect(read(path)).rejects.toMatchObject({ code: "suite-invalid" });
    };
    await readAll();
    await system.answer("put/9/squall/checkpoints/log");
    expect(await read("log")).toBe("xxxxxxxxx");
    expect(await read("log")).toBe("xxxxxxxxx");
    await system.answer("put/5/squall/checkpoints/log");
    await system.processes.pause("service");
    expect(await read("log")).toBe("xxxxx");
    await system.job.end(0);
    await readAll();
    await system.job.replaceNode(0);
    expect(await read("log", "disk")).toBeNull();
  });

  test("nothing of it is left, also when it ends while workers are being started and replaced", async () => {
    const system = await jobSystem({
      workers: 2,
      faults: [
        { ...base, kind: "disk-full", path: "{{checkpoints}}", leaveBytes: 0 },
        { ...base, kind: "disk-full", path: "{{disk}}", leaveBytes: 0 },
      ],
    });
    const { docker } = await testEngine();
    const [holder] = await ownContainers("worker");
    const runId = holder?.Config.Labels["dev.squall.run"] ?? "";
    expect(await volumesOf(runId)).toHaveLength(3);
    await system.up(1);
    const underWay = Promise.allSettled([system.job.start(0), system.job.replaceNode(1)]);
    await system[Symbol.asyncDispose]();
    await underWay;
    await expect(system.job.start(0)).rejects.toMatchObject({ code: "interrupted" });
    const filters = { label: [`dev.squall.run=${runId}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await docker.listNetworks({ filters })).toEqual([]);
    expect(await volumesOf(runId)).toEqual([]);
  });
});
