import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlGroup } from "../../../src/run/doctor/control-group.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "squall-cgroup-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let count = 0;
const limits = async (list: string, files: Readonly<Record<string, string>>) => {
  const directory = path.join(root, String(count++));
  const mount = path.join(directory, "mount");
  await mkdir(mount, { recursive: true });
  await writeFile(path.join(directory, "list"), list);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(mount, name)), { recursive: true });
    await writeFile(path.join(mount, name), text);
  }
  return controlGroup({ list: path.join(directory, "list"), mount });
};
const NONE = { cores: null, memoryBytes: null };

test("half a core and a memory limit of cgroup v2", async () => {
  expect(await limits("0::/\n", { "cpu.max": "50000 100000\n", "memory.max": "268435456\n" })).toEqual({
    cores: 0.5,
    memoryBytes: 268_435_456,
  });
});

test("a limit of a group above holds, and the tightest counts", async () => {
  expect(
    await limits("0::/a.slice/b.scope\n", {
      "a.slice/cpu.max": "100000 100000",
      "a.slice/memory.max": "1000000",
      "a.slice/b.scope/cpu.max": "max 100000",
      "a.slice/b.scope/memory.max": "3000000",
    }),
  ).toEqual({ cores: 1, memoryBytes: 1_000_000 });
});

test("cgroup v1, under joined and single names of controllers", async () => {
  expect(
    await limits("5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:pids:/docker/abc\n", {
      "cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "150000",
      "cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
      // Inside a container the group's own path is not mounted, but its directory is the mount itself.
      "memory/memory.limit_in_bytes": "536870912",
    }),
  ).toEqual({ cores: 1.5, memoryBytes: 536_870_912 });
});

test.each([
  ["no limits of v2", "0::/\n", { "cpu.max": "max 100000\n", "memory.max": "max\n" }],
  [
    "no limits of v1",
    "4:cpu:/\n5:memory:/\n",
    {
      "cpu/cpu.cfs_quota_us": "-1",
      "cpu/cpu.cfs_period_us": "100000",
      "memory/memory.limit_in_bytes": "9223372036854771712",
    },
  ],
  ["files that are no numbers", "0::/\n", { "cpu.max": "abc", "memory.max": "-7" }],
  ["a period of nothing", "0::/\n", { "cpu.max": "1000 0" }],
  ["a list that is none", "garbage\n:::\n\u0000", { "cpu.max": "50000 100000" }],
])("%s are no limits", async (_, list, files) => {
  expect(await limits(list, files)).toEqual(NONE);
});

test("a group written with .. stays under the mount", async () => {
  const inside = await limits("0::/../../../outside\n", { "outside/cpu.max": "20000 100000" });
  expect(inside.cores).toBe(0.2);
});

test("where there are no control groups there are no limits", async () => {
  expect(await controlGroup({ list: path.join(root, "none"), mount: path.join(root, "none") })).toEqual(NONE);
});
