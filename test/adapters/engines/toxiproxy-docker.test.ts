/** The real Toxiproxy in front of a run's edges in containers: what it does is seen by a client, counted, and taken away. */
import { expect, test } from "vitest";
import { TOXIPROXY_IMAGE } from "../../../scripts/engine/test-images.ts";
import { runtimeEngine } from "../../../src/adapters/engines/runtime.ts";
import { toxiproxy } from "../../../src/adapters/engines/toxiproxy/toxiproxy.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { RunningSystem } from "../../../src/run/ports.ts";
import { describeDocker } from "../../support/docker/engine.ts";
import { containerSuite } from "../../support/services/container-suite.ts";
import { stub } from "../../support/services/service-suite.ts";
import {
  dockerSystem,
  look,
  NOTES,
  ownContainers,
  type Seen,
  servant,
} from "../runtimes/docker/support/docker-system.ts";

const DEADLINE_MS = 120_000;
const base = { fraction: 1, attempts: "all" } as const;

describeDocker("Toxiproxy in front of containers", () => {
  test("stands on its edges under their names; each fault is seen, counted and gone", async () => {
    const { engine, front } = toxiproxy({ image: TOXIPROXY_IMAGE }, new Set(["client", "llm"]));
    await using system = await dockerSystem({
      suite: containerSuite({
        source: NOTES,
        env: { LLM: "{{llm}}", VECTOR: "{{vector}}" },
        dependencies: [stub("llm"), servant("vector")],
      }),
      front,
    });
    const ask = (name: string): Promise<Seen> => look(`${system.clientUrl}/ask/${name}`);

    // The name of a fronted edge leads to the front, another's to the sidecar: both end at the sidecar's records.
    expect(await ask("LLM")).toMatchObject({ status: 200, body: expect.stringContaining("404") as string });
    expect((await ask("VECTOR")).status).toBe(200);
    const edges = async (of: RunningSystem) =>
      (await of.sidecar.takeRecords()).map(({ edge }) => edge).toSorted();
    expect(await edges(system)).toEqual(["client", "client", "llm", "vector"]);
    const [proxy] = await ownContainers("front");
    const aliases = Object.values(proxy?.NetworkSettings.Networks ?? {}).flatMap(
      ({ Aliases }) => Aliases ?? [],
    );
    expect(aliases).toContain("llm");
    expect(aliases).not.toContain("vector");

    const struck = async (fault: Fault): Promise<Seen> => {
      const injection = await engine.inject(
        system,
        [{ id: "f", fault, marks: { type: "all" }, seed: 1 }],
        DEADLINE_MS,
      );
      const seen = await ask("LLM");
      const [receipt] = await injection.receipts();
      expect(receipt).toMatchObject({ faultId: "f", edge: fault.on });
      expect(receipt?.affected).toBeGreaterThan(0);
      await injection.clear();
      expect((await ask("LLM")).status).toBe(200);
      return seen;
    };

    const late = await struck({
      ...base,
      kind: "latency",
      on: "client",
      delayMs: 700,
      jitterMs: 0,
      distribution: "constant",
      direction: "downstream",
    });
    expect(late.status).toBe(200);
    expect(late.ms).toBeGreaterThan(690);
    expect(await struck({ ...base, kind: "reset", on: "llm" })).toMatchObject({
      status: 504,
      body: "ECONNRESET",
    });
    expect(await struck({ ...base, kind: "refuse", on: "llm" })).toMatchObject({
      status: 504,
      body: "ECONNREFUSED",
    });
    // Behind the engine's port forwarder a refusal arrives as a closed connection.
    expect(await struck({ ...base, kind: "refuse", on: "client" })).toMatchObject({
      status: 0,
      body: expect.stringMatching(/ECONNREFUSED|ECONNRESET|other side closed/) as string,
    });
    // What was refused never came to the sidecar.
    const met = await edges(system);
    expect(met.filter((edge) => edge === "client")).toHaveLength(7);
    expect([5, 6]).toContain(met.filter((edge) => edge === "llm").length);
  }, 60_000);

  test("stands before dependencies that share a port, beside one whose name fails", async () => {
    const { engine, front } = toxiproxy({ image: TOXIPROXY_IMAGE }, new Set(["vector", "cache"]));
    const fails: Fault = { ...base, kind: "dns-fail", on: "service", names: ["third"] };
    await using system = await dockerSystem({
      suite: {
        ...containerSuite({
          source: NOTES,
          env: { VECTOR: "{{vector}}", CACHE: "{{cache}}", THIRD: "{{third}}" },
          dependencies: [servant("vector"), servant("cache"), servant("third")],
        }),
        experiments: [{ name: "nameless", faults: [fails], expect: [] }],
      },
      front,
    });
    const statuses = async (): Promise<readonly number[]> => {
      const seen = [];
      for (const name of ["VECTOR", "CACHE", "THIRD"])
        seen.push(await look(`${system.clientUrl}/ask/${name}`));
      return seen.map(({ status }) => status);
    };
    expect(await statuses()).toEqual([200, 200, 200]);
    const placed = (fault: Fault) => [{ id: "f", fault, marks: { type: "all" }, seed: 1 }] as const;
    const refused = await engine.inject(
      system,
      placed({ ...base, kind: "refuse", on: "cache" }),
      DEADLINE_MS,
    );
    const nameless = await runtimeEngine().inject(system, placed(fails), DEADLINE_MS);
    expect(await statuses()).toEqual([200, 504, 504]);
    await nameless.clear();
    expect(await statuses()).toEqual([200, 504, 200]);
    await refused.clear();
    expect(await statuses()).toEqual([200, 200, 200]);
  }, 60_000);
});
