import { expect, test } from "vitest";
import {
  jobDirectoryOf,
  onVolume,
  withoutJobDirectories,
} from "../../../../src/adapters/runtimes/docker/job-volumes.ts";
import type { FaultOf } from "../../../../src/core/fault.ts";

const diskFull = (on: string, path: string): FaultOf<"disk-full"> => ({
  kind: "disk-full",
  on,
  path,
  leaveBytes: 0,
  fraction: 1,
  attempts: "all",
});

test("a path is in a job's directory by its name or its place, and not by a name that only begins like it", () => {
  const found = [
    "{{checkpoints}}",
    "{{ checkpoints }}/shards",
    "/squall/checkpoints",
    "{{disk}}/x",
    "/squall/checkpoints-2",
    "/data/{{disk}}",
    "{{data}}",
    "/squall",
  ].map(jobDirectoryOf);
  expect(found).toEqual(["checkpoints", "checkpoints", "checkpoints", "disk", null, null, null, null]);
});

test("a fault on a worker's directory acts on the whole of its disk; one on a dependency or another directory is left as it is", () => {
  expect(onVolume(diskFull("service-2", "{{checkpoints}}/shards"))).toMatchObject({
    path: "/squall/checkpoints",
  });
  for (const other of [diskFull("store", "{{checkpoints}}"), diskFull("service", "/data")])
    expect(onVolume(other)).toBe(other);
});

test("volumes of other directories are made from the other faults alone", () => {
  const own = diskFull("service", "{{disk}}");
  const other = diskFull("service", "/data");
  const pause = { kind: "pause", on: "service", fraction: 1, attempts: "all" } as const;
  expect(withoutJobDirectories([{ name: "full", faults: [own, other, pause], expect: [] }])).toEqual([
    { name: "full", faults: [other, pause], expect: [] },
  ]);
});
