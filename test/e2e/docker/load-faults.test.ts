/** Peak load against a service in containers: each load fault changes what is sent, and what is sent arrives. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeProfile } from "../../../src/config/baseline-file.ts";
import { describeDocker } from "../../support/docker/engine.ts";
import { SERVICE_IMAGE } from "../../support/services/container-suite.ts";
import { runIn, SOURCE } from "../support/tiny-project.ts";

const SUITE = `version: 1
name: peak
runtime: docker
service: { image: "${SERVICE_IMAGE}", port: 8000, ready: /ready, env: { UPSTREAM: "{{llm}}" } }
dependencies: { llm: { stub: openai, firstToken: 20ms, perToken: 5ms, tokens: 20..20 } }
workload: { requests: requests.jsonl, rate: 10/s }
experiments:
  - { name: thrice, faults: [{ kind: overload, times: 3 }] }
  - { name: at-once, faults: [{ kind: burst, requests: 30 }] }
  - { name: idle, faults: [{ kind: many-connections, connections: 50 }] }
gate: { budget: 15s, maxLagP99: 5s }
`;

describeDocker("load faults in containers", () => {
  test("send more, at once, and beside idle connections", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "squall-peak-"));
    try {
      const requests = Array.from({ length: 5 }, (_, index) =>
        JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask/v1/models?q=${index}` }),
      );
      await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
      await writeFile(path.join(directory, "squall.yml"), SUITE);
      const { code, stderr } = await runIn(SOURCE, directory, ["run"]);
      expect([code, stderr]).toEqual([0, expect.stringContaining("written to")]);
      const [run = ""] = (await readdir(path.join(directory, ".squall"))).filter((name) =>
        name.includes("peak"),
      );
      const file = path.join(directory, ".squall", run, "samples.json.gz");
      const profile = decodeProfile(await readFile(file), { file });
      const rate = (scenario: string): number => {
        const windows = profile.windows.filter((each) => each.scenario === scenario && each.phase === "load");
        const ms = windows.reduce((sum, { durationMs }) => sum + durationMs, 0);
        return (windows.reduce((sum, { planned }) => sum + planned, 0) * 1000) / ms;
      };
      expect(rate("control")).toBeCloseTo(10, 0);
      expect(rate("thrice")).toBeCloseTo(30, 0);
      expect(rate("at-once")).toBeGreaterThan(12);
      expect(rate("idle")).toBeCloseTo(10, 0);
      // Sent and answered: a container is reached by all of them.
      const good = profile.observations.filter(({ outcome }) => outcome === "ok").length;
      expect(good / profile.observations.length).toBeGreaterThan(0.95);
      expect(new Set(profile.processes.map(({ name }) => name))).toEqual(new Set(["service", "sidecar"]));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 120_000);
});
