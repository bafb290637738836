import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { ownerOf, ownerState } from "../../../../src/adapters/runtimes/docker/labels.ts";

test("we are alive, a process that ended is dead, and another machine's cannot be told", async () => {
  expect(ownerState(ownerOf(process.pid))).toBe("alive");
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const owner = ownerOf(child.pid as number);
  expect(ownerState(owner)).toBe("alive");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(ownerState(owner)).toBe("dead");
  expect(ownerState(owner.replace(/^[^/]+/, "0123456789ab"))).toBe("elsewhere");
  expect(ownerState("nonsense")).toBe("elsewhere");
});

test("a later process with the same number is not the owner", () => {
  const [machine, pid] = ownerOf(process.pid).split("/");
  expect(ownerState(`${machine}/${pid}/1`)).toBe(process.platform === "linux" ? "dead" : "alive");
});
