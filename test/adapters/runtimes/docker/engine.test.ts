import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { isHere } from "../../../../src/adapters/runtimes/docker/engine.ts";

test("loopback and our own addresses are this machine, others are not", () => {
  const own = Object.values(networkInterfaces())
    .flat()
    .map((each) => each?.address ?? "");
  expect(["localhost", "127.0.0.1", "::1", ...own].filter((host) => !isHere(host))).toEqual([]);
  // TEST-NET-1 (RFC 5737): nobody's.
  expect(isHere("192.0.2.1")).toBe(false);
  expect(isHere("docker.example.test")).toBe(false);
});
