import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { isHere } from "../../../../src/adapters/runtimes/docker/engine.ts";

test("loopback and our own addresses are this machine", async () => {
  const own = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each?.family === "IPv4" ? [each.address] : []));
  for (const host of ["localhost", "127.0.0.1", "::1", ...own])
    expect([host, await isHere(host)]).toEqual([host, true]);
});

// TEST-NET-3 (RFC 5737) is nobody's.
test.each(["203.0.113.1", "docker.example.test"])("%s is another", async (host) => {
  expect(await isHere(host)).toBe(false);
});
