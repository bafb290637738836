import type { ContainerSpec, Suite } from "../../../src/core/suite.ts";
import { suiteWith } from "../suites.ts";
import type { ServiceSuite } from "./service-suite.ts";

/** Made by scripts/engine/build-test-images.ts: the tiny service of this folder, and nothing else. */
export const SERVICE_IMAGE = "squall-test/service:1";

export const serviceContainer = (overrides: Partial<ContainerSpec> = {}): ContainerSpec => {
  const { env, ...rest } = overrides;
  return {
    source: { type: "image", image: SERVICE_IMAGE },
    port: 8000,
    ready: "/ready",
    readyTimeoutMs: 15_000,
    files: [],
    volumes: [],
    ...rest,
    env: { HOST: "0.0.0.0", ...env },
  };
};

/** The same suite as serviceSuite, around the tiny service in a container. */
export const containerSuite = (options: ServiceSuite & Partial<ContainerSpec> = {}): Suite => {
  const {
    replicas = 1,
    dependencies = [],
    redact = [],
    command: _command,
    cwd: _cwd,
    ...container
  } = options;
  return {
    ...suiteWith([]),
    runtime: "docker",
    service: { container: serviceContainer(container), replicas },
    dependencies,
    redact,
  };
};
