import { fileURLToPath } from "node:url";
import type { DependencySpec, ProcessSpec, StubModel, Suite } from "../../../src/core/suite.ts";
import { suiteWith } from "../suites.ts";

const SERVICE = fileURLToPath(new URL("./service.ts", import.meta.url));

/** The tiny service as a command. */
export const serviceProcess = (overrides: Partial<ProcessSpec> = {}): ProcessSpec => ({
  command: [process.execPath, SERVICE],
  cwd: ".",
  env: {},
  port: 0,
  ready: "/ready",
  readyTimeoutMs: 15_000,
  ...overrides,
});

export const stubModel: StubModel = {
  shape: "openai",
  firstTokenMs: 1,
  firstTokenJitterMs: 0,
  perTokenMs: 0,
  perTokenJitterMs: 0,
  minTokens: 2,
  maxTokens: 4,
  slots: 4,
  queue: 4,
  embeddingDimensions: 8,
};

export const stub = (name: string): DependencySpec => ({
  name,
  protocol: "http",
  source: { type: "stub", stub: stubModel },
});

export interface ServiceSuite extends Partial<ProcessSpec> {
  readonly replicas?: number;
  readonly dependencies?: readonly DependencySpec[];
  readonly redact?: readonly string[];
}

/** A suite around the tiny service. */
export const serviceSuite = (options: ServiceSuite = {}): Suite => {
  const { replicas = 1, dependencies = [], redact = [], ...process_ } = options;
  return { ...suiteWith([]), service: { process: serviceProcess(process_), replicas }, dependencies, redact };
};
