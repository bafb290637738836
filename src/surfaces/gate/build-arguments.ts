import { SquallError } from "../../core/errors.ts";
import type { ContainerSpec, Suite } from "../../core/suite.ts";

const parse = (text: string): readonly [string, string] => {
  const [whole, name = "", value = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (whole !== undefined) return [name, value];
  throw new SquallError("argument-invalid", `--build-arg ${text} is no NAME=value.`, {
    remedy: "Write it as docker build does, such as --build-arg BASE=node:24-slim.",
  });
};

/**
 * The suite with build arguments of this machine's own, such as a base image from a mirror. They stand over the suite's.
 *
 * @throws SquallError `argument-invalid` where one cannot be read, or where nothing of the suite is built
 */
export const withBuildArguments = (suite: Suite, written: readonly string[] | undefined): Suite => {
  if (written === undefined || written.length === 0) return suite;
  const given = Object.fromEntries(written.map(parse));
  let built = false;
  const changed = (container: ContainerSpec): ContainerSpec => {
    const { source } = container;
    if (source.type !== "build") return container;
    built = true;
    return { ...container, source: { ...source, args: { ...source.args, ...given } } };
  };
  const { container, ...service } = suite.service;
  const result: Suite = {
    ...suite,
    service: { ...service, ...(container === undefined ? {} : { container: changed(container) }) },
    dependencies: suite.dependencies.map((dependency) =>
      dependency.source.type === "container"
        ? { ...dependency, source: { type: "container", container: changed(dependency.source.container) } }
        : dependency,
    ),
  };
  if (built) return result;
  throw new SquallError("argument-invalid", "--build-arg: nothing of this suite is built.", {
    remedy: "Remove it, or say build in the suite.",
  });
};
