import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DefaultArtifactClient } from "@actions/artifact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { unzipSafely } from "../../../src/adapters/github/artifacts/unzip.ts";
import { type ArtifactsService, startArtifacts } from "./artifacts-service.ts";
import { startGitHub } from "./server.ts";

let folder = "";

const toolkitEnvironment = (service: ArtifactsService): void => {
  for (const [name, value] of Object.entries(service.env)) vi.stubEnv(name, value);
  vi.stubEnv("GITHUB_WORKSPACE", folder);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "squall-artifacts-"));
  await mkdir(join(folder, "in"));
  await writeFile(join(folder, "in/a.txt"), "first");
  await writeFile(join(folder, "in/b.bin"), Buffer.alloc(100_000, 7));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const files = (): string[] => ["a.txt", "b.bin"].map((name) => join(folder, "in", name));

describe("the service behind @actions/artifact", () => {
  test("takes what the toolkit's own client uploads and gives it back to it", async () => {
    await using github = await startGitHub();
    await using service = await startArtifacts({ run: 7, repository: github.repository });
    toolkitEnvironment(service);
    const client = new DefaultArtifactClient();
    const uploaded = await client.uploadArtifact("squall", files(), join(folder, "in"), { retentionDays: 3 });

    const kept = (await service.uploaded()).get("squall");
    const unpacked = await unzipSafely(kept?.content ?? Buffer.alloc(0), { maxFiles: 10, maxBytes: 1e6 });
    expect([...unpacked.keys()].sort()).toEqual(["a.txt", "b.bin"]);
    expect(unpacked.get("a.txt")?.toString()).toBe("first");
    expect(Date.parse(kept?.expiresAt ?? "")).toBeGreaterThan(Date.now() + 2 * 86_400_000);

    const listed = await client.listArtifacts();
    expect(listed.artifacts).toMatchObject([{ name: "squall", id: uploaded.id, size: kept?.content.length }]);
    await client.downloadArtifact(uploaded.id ?? 0, { path: join(folder, "out") });
    expect(await readFile(join(folder, "out/b.bin"))).toEqual(Buffer.alloc(100_000, 7));
    // The REST API of the stand-in shows it too.
    expect(github.repository.artifacts.get(uploaded.id ?? 0)).toMatchObject({ name: "squall", run: 7 });
  });

  test("refuses a name that is taken, as GitHub does", async () => {
    await using service = await startArtifacts();
    toolkitEnvironment(service);
    const client = new DefaultArtifactClient();
    await client.uploadArtifact("twice", files(), join(folder, "in"));
    await expect(client.uploadArtifact("twice", files(), join(folder, "in"))).rejects.toThrow(/409/);
  });

  test("refuses a size or hash that is not what was uploaded", async () => {
    await using service = await startArtifacts();
    const call = (method: string, body: object): Promise<Response> =>
      fetch(
        `${service.env.ACTIONS_RESULTS_URL}twirp/github.actions.results.api.v1.ArtifactService/${method}`,
        {
          method: "POST",
          headers: { authorization: `Bearer ${service.env.ACTIONS_RUNTIME_TOKEN}` },
          body: JSON.stringify(body),
        },
      );
    const created = (await (await call("CreateArtifact", { name: "x" })).json()) as {
      signed_upload_url: string;
    };
    const put = await fetch(created.signed_upload_url, {
      method: "PUT",
      headers: { "x-ms-blob-type": "BlockBlob" },
      body: "12345",
    });
    expect(put.status).toBe(201);
    expect((await call("FinalizeArtifact", { name: "x", size: "4" })).status).toBe(400);
    expect((await call("FinalizeArtifact", { name: "x", size: "5", hash: "sha256:00" })).status).toBe(400);
    expect((await call("FinalizeArtifact", { name: "x", size: "5" })).status).toBe(200);
  });
});
