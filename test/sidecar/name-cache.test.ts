import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { NameCache } from "../../src/sidecar/name-cache.ts";

const at = (address: string): LookupAddress => ({ address, family: 4 });

/** A name server whose answers are told one by one. */
const told = (...answers: (LookupAddress[] | Error)[]) => {
  let nowMs = 0;
  let asked = 0;
  const cache = new NameCache(
    () => nowMs,
    () => {
      const answer = answers[asked++];
      return answer instanceof Error || answer === undefined
        ? Promise.reject(answer ?? new Error("asked too often"))
        : Promise.resolve(answer);
    },
  );
  return {
    cache,
    pass: (ms: number) => {
      nowMs += ms;
    },
    asked: () => asked,
  };
};

test("an answer is taken for true for a second, and asked for anew after it", async () => {
  const { cache, pass, asked } = told([at("192.0.2.1")], [at("192.0.2.2")]);
  expect(await cache.addressesOf("service-1")).toEqual([at("192.0.2.1")]);
  pass(999);
  expect(await cache.addressesOf("service-1")).toEqual([at("192.0.2.1")]);
  expect(asked()).toBe(1);
  pass(1);
  expect(await cache.addressesOf("service-1")).toEqual([at("192.0.2.2")]);
});

test("a failure is not remembered, and takes what was remembered with it", async () => {
  const { cache } = told([at("192.0.2.1")], new Error("ENOTFOUND"), [at("192.0.2.3")]);
  await cache.addressesOf("service-1");
  await expect(cache.refresh("service-1")).rejects.toThrow("ENOTFOUND");
  expect(await cache.addressesOf("service-1")).toEqual([at("192.0.2.3")]);
});

test("serves net.connect in both of its ways of asking", async () => {
  const { cache } = told([at("192.0.2.1"), at("192.0.2.2")]);
  const all = await new Promise((resolve) => {
    cache.lookup("x", { all: true }, (error, addresses) => resolve([error, addresses]));
  });
  expect(all).toEqual([null, [at("192.0.2.1"), at("192.0.2.2")]]);
  const one = await new Promise((resolve) => {
    cache.lookup("x", {}, (error, address, family) => resolve([error, address, family]));
  });
  expect(one).toEqual([null, "192.0.2.1", 4]);
});

test("tells net.connect of a name that does not resolve", async () => {
  const { cache } = told(new Error("ENOTFOUND"));
  const answer = await new Promise((resolve) => {
    cache.lookup("x", { all: true }, (error) => resolve(error?.message));
  });
  expect(answer).toBe("ENOTFOUND");
});
