import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { NameCache } from "../../src/sidecar/name-cache.ts";

const at = (address: string): LookupAddress => ({ address, family: 4 });

/** A name server whose answers are told one after another; null: the name does not resolve. */
const told = (...answers: (readonly LookupAddress[] | null)[]) => {
  const clock = { nowMs: 0, asked: 0 };
  const cache = new NameCache(
    () => clock.nowMs,
    (_hostname, tell) => {
      const answer = answers[clock.asked++] ?? null;
      if (answer === null) tell(new Error("ENOTFOUND"), []);
      else tell(null, answer);
    },
  );
  const lookup = (all: boolean): unknown => {
    let answer: unknown;
    cache.lookup("service-1", { all }, (error, address, family) => {
      answer = error === null ? [address, family] : error.message;
    });
    return answer;
  };
  return { cache, clock, all: () => lookup(true), one: () => lookup(false) };
};

test("an answer is taken for true for a second, and asked for anew after it", () => {
  const { clock, all } = told([at("192.0.2.1")], [at("192.0.2.2")]);
  expect(all()).toEqual([[at("192.0.2.1")], undefined]);
  clock.nowMs = 999;
  expect(all()).toEqual([[at("192.0.2.1")], undefined]);
  expect(clock.asked).toBe(1);
  clock.nowMs = 1000;
  expect(all()).toEqual([[at("192.0.2.2")], undefined]);
});

test("a failure is not remembered, and takes what was remembered with it", () => {
  const { cache, all } = told([at("192.0.2.1")], null, [at("192.0.2.3")]);
  all();
  let failed = "";
  cache.askAnew("service-1", (error) => {
    failed = error?.message ?? "";
  });
  expect(failed).toBe("ENOTFOUND");
  expect(all()).toEqual([[at("192.0.2.3")], undefined]);
});

test("what is forgotten is asked for again at once", () => {
  const { cache, clock, all } = told([at("192.0.2.1")], [at("192.0.2.2")]);
  all();
  cache.forget("service-1");
  expect(all()).toEqual([[at("192.0.2.2")], undefined]);
  expect(clock.asked).toBe(2);
});

test("serves net.connect in both of its ways of asking, and tells it of a name that does not resolve", () => {
  const { cache, all, one } = told([at("192.0.2.1"), at("192.0.2.2")], null, null);
  expect(all()).toEqual([[at("192.0.2.1"), at("192.0.2.2")], undefined]);
  expect(one()).toEqual(["192.0.2.1", 4]);
  cache.forget("service-1");
  expect(all()).toBe("ENOTFOUND");
  expect(one()).toBe("ENOTFOUND");
});
