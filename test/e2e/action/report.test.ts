/** A fork's pull request: measured without rights, judged again by the default branch, and whatever the artifact says besides. */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { unzipSafely } from "../../../src/adapters/github/artifacts/unzip.ts";
import {
  pullRequestRun,
  pushRun,
  RUN,
  startWorld,
  tinySuite,
  type World,
  workflowRun,
} from "../../support/action/world.ts";
import { zipOfFiles } from "../../support/zip/zip.ts";

const MINUTES = 60_000;
const LIMITS = { maxFiles: 1000, maxBytes: 100_000_000 };

const measured = async (careless: boolean) => {
  const world = await startWorld();
  await world.step({
    ...pushRun(world, world.base, world.base),
    runId: 1,
    inputs: { mode: "baseline", upload: "false" },
  });
  const pull = world.openPull({ "squall.yml": tinySuite({ careless }) }, { fork: true });
  world.github.repository.addRun({ id: RUN, headSha: pull.headSha, headRepository: "stranger/shop" });
  const gate = await world.step(pullRequestRun(world, pull), {
    permissions: { contents: "read", metadata: "read", "pull-requests": "read", actions: "read" },
  });
  return { world, pull, gate };
};

/** Puts files of the run's artifact in the place of others, as a stranger who wrote the measuring workflow could. */
const replaceFiles = async (
  { github }: World,
  change: (files: Map<string, Buffer>) => void,
): Promise<void> => {
  const { artifacts } = github.repository;
  const [artifact] = artifacts.values();
  if (artifact === undefined) throw new Error("nothing was uploaded");
  const files = new Map(await unzipSafely(artifact.zip, LIMITS));
  change(files);
  const zip = zipOfFiles(Object.fromEntries(files));
  artifacts.set(artifact.id, {
    ...artifact,
    zip,
    digest: `sha256:${createHash("sha256").update(zip).digest("hex")}`,
  });
};

test(
  "is judged again from its samples, and reported where its own token may not",
  async () => {
    const { world, pull, gate } = await measured(true);
    await using _ = world;
    expect(gate.code).toBe(1);
    expect(gate.log).toContain("A fork's token may not comment");
    expect(world.github.repository.comments.size).toBe(0);
    await replaceFiles(world, (files) => {
      const result = JSON.parse(files.get("result.json")?.toString() ?? "{}") as {
        verdict: { word: string; headline: string };
      };
      result.verdict = { ...result.verdict, word: "pass", headline: "All is well" };
      files.set("result.json", Buffer.from(JSON.stringify(result)));
      files.set("report.md", Buffer.from("All is well ".repeat(5_000_000)));
    });
    const end = await world.step({ ...workflowRun(world, pull), inputs: { mode: "report" } });
    expect(end.outputs["verdict"]).toBe("regressed");
    expect(end.code).toBe(1);
    expect(world.github.repository.commentsOf(pull.number)[0]?.body).toContain("Less resilient");
    expect(world.github.repository.statuses).toContainEqual(
      expect.objectContaining({ sha: pull.headSha, context: "squall (tiny)", state: "failure" }),
    );
  },
  4 * MINUTES,
);

test(
  "whose samples are of another commit or another suite is not judged: the status is an error, never a success",
  async () => {
    const { world, pull } = await measured(false);
    await using _ = world;
    const again = async (edit: (samples: { profile: Record<string, unknown> }) => void) => {
      await replaceFiles(world, (files) => {
        const samples = JSON.parse(gunzipSync(files.get("samples.json.gz") ?? "").toString()) as {
          profile: Record<string, unknown>;
        };
        edit(samples);
        files.set("samples.json.gz", gzipSync(JSON.stringify(samples)));
      });
      return world.step({ ...workflowRun(world, pull), inputs: { mode: "report" } });
    };
    const hash = await again(({ profile }) => (profile["suiteHash"] = "0".repeat(64)));
    expect(hash.log).toContain("another suite or request set");
    const commit = await again(({ profile }) => {
      profile["provenance"] = {
        ...(profile["provenance"] as object),
        commit: "0123456789abcdef0123456789abcdef01234567",
      };
    });
    expect(commit.log).toContain("are of commit 0123456789ab");
    for (const { code } of [hash, commit]) expect(code).toBe(3);
    expect(world.github.repository.statuses.map(({ state }) => state)).toEqual(["error", "error"]);
  },
  4 * MINUTES,
);

test(
  "that left no artifact is not measured, and says so",
  async () => {
    await using world = await startWorld();
    const pull = world.openPull({}, { fork: true });
    world.github.repository.addRun({ id: RUN, headSha: pull.headSha, headRepository: "stranger/shop" });
    const end = await world.step({ ...workflowRun(world, pull), inputs: { mode: "report" } });
    expect(end.code).toBe(3);
    expect(end.log).toContain("has left no artifact");
    expect(world.github.repository.statuses[0]).toMatchObject({ state: "error", context: "squall (tiny)" });
  },
  MINUTES,
);
