/** The bundle that is committed: `node dist/squall.mjs run`, with its own sidecar, keeper and replay worker. */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { childrenOf, isAlive, until } from "../support/services/living.ts";
import { SHIPPED, tinyProject } from "./support/tiny-project.ts";

/** Programs of node that a process is: the files it was started with. */
const programOf = (pid: number): string => {
  try {
    return path.basename(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1] ?? "");
  } catch {
    return "";
  }
};

test("runs from dist alone: measures, kills the service, recovers, and writes its reports", async () => {
  await using project = await tinyProject({
    main: SHIPPED,
    experiments: [
      "{ name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 30% }] }",
      "{ name: killed, faults: [{ kind: kill, on: service, restartAfter: 200ms }] }",
    ],
    gate: "budget: 15s",
  });
  const { child, line, left } = project.start("run");
  await line("calm pass");
  const squall = child.pid ?? 0;
  const started = childrenOf(squall);
  expect(started.map(programOf).toSorted()).toEqual(["keeper.mjs", "service.mjs", "sidecar.mjs"]);
  expect(await left).toEqual({ code: 0, signal: null });
  await until("nothing is left", () => !started.some(isAlive));

  const [run = ""] = (await readdir(path.join(project.directory, ".squall"))).filter((name) =>
    name.endsWith("-tiny"),
  );
  const directory = path.join(project.directory, ".squall", run);
  expect((await readdir(directory)).toSorted()).toEqual([
    "junit.xml",
    "logs",
    "report.html",
    "report.md",
    "result.json",
    "samples.json.gz",
  ]);
  const result = JSON.parse(await readFile(path.join(directory, "result.json"), "utf8")) as {
    readonly verdict: { readonly word: string };
    readonly scenarios: readonly { readonly name: string }[];
    readonly head: { readonly observations: number };
  };
  // The replay worker is a thread of its own: requests were sent only if it was found.
  expect(result.head.observations).toBeGreaterThan(100);
  expect(result.verdict.word).toBe("no-baseline");
  expect(result.scenarios.map(({ name }) => name)).toEqual(["control", "llm-fails", "killed"]);
}, 120_000);
