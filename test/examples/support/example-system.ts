/** An example's service as its customers meet it: started from the example's own suite file, by runtime process. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import { SquallError } from "../../../src/core/errors.ts";
import type { Suite } from "../../../src/core/suite.ts";
import type { RunningSystem } from "../../../src/run/ports.ts";
import { readSuite } from "../../../src/surfaces/gate/read-suite.ts";

export type InjectedFault = Parameters<RunningSystem["sidecar"]["setState"]>[0]["faults"][number]["fault"];

/** The suite's port is the container's; tests run side by side, so here squall picks a free one. */
const onFreePort = (suite: Suite): Suite => {
  const { process } = suite.service;
  if (process === undefined) throw new SquallError("internal", "The example has no command.");
  return { ...suite, service: { ...suite.service, process: { ...process, port: 0 } } };
};

export const startExample = async (
  suiteFile: string,
  change: (suite: Suite) => Suite = (suite) => suite,
): Promise<RunningSystem> => {
  const { suite, directory } = await readSuite(suiteFile);
  return processRuntime().start({
    suite: onFreePort(change(suite)),
    suiteDirectory: directory,
    runDirectory: mkdtempSync(path.join(tmpdir(), "squall-example-")),
    seed: 1,
    front: null,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
};

export const ask = (system: RunningSystem, question: string, stream = false): Promise<Response> =>
  fetch(`${system.clientUrl}/answer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question, stream }),
  });

let revision = 0;

/** Strikes every request until it is set anew; an empty list clears. */
export const setFaults = (system: RunningSystem, faults: readonly InjectedFault[]): Promise<void> =>
  system.sidecar.setState({
    revision: ++revision,
    faults: faults.map((fault, index) => ({ id: `f${index}`, fault, marks: { type: "all" }, seed: 1 })),
    deadlineMs: 20_000,
  });

/** The model's API answers 503 to everything. */
export const MODEL_DOWN: Extract<InjectedFault, { kind: "http-error" }> = {
  kind: "http-error",
  on: "llm",
  fraction: 1,
  attempts: "all",
  status: 503,
  headers: {},
};
