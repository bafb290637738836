import { expect, test } from "vitest";
import { withBuildArguments } from "../../../src/surfaces/gate/build-arguments.ts";
import { containerSuite } from "../../support/services/container-suite.ts";
import { serviceSuite } from "../../support/services/service-suite.ts";

const built = containerSuite({
  source: {
    type: "build",
    context: ".",
    dockerfile: "Dockerfile",
    args: { BASE: "a", KEEP: "b" },
    cache: true,
  },
});

test("stand over the suite's, beside those it has", () => {
  const { service } = withBuildArguments(built, ["BASE=mirror/node:24=x"]);
  expect(service.container?.source).toMatchObject({ args: { BASE: "mirror/node:24=x", KEEP: "b" } });
});

test("none given: the suite itself", () => {
  expect(withBuildArguments(built, undefined)).toBe(built);
  expect(withBuildArguments(built, [])).toBe(built);
});

test.each(["BASE", "=x", "1A=x", "A B=x"])("%j is refused", (text) => {
  expect(() => withBuildArguments(built, [text])).toThrow(/NAME=value/);
});

test("a suite that builds nothing refuses them: a typo would else pass unseen", () => {
  expect(() => withBuildArguments(serviceSuite(), ["BASE=x"])).toThrow(/nothing of this suite is built/);
});
