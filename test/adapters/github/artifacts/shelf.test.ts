import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forgeArtifacts } from "../../../../src/adapters/github/artifacts/shelf.ts";
import { connectForge } from "../../../../src/adapters/github/forge.ts";
import { SquallError } from "../../../../src/core/errors.ts";
import type { ArtifactShelf, StoredArtifact } from "../../../../src/run/forge.ts";
import { type GitHubServer, startGitHub } from "../../../support/github/server.ts";
import { zipOfFiles } from "../../../support/zip/zip.ts";

const SHA = "a".repeat(40);
const LIMITS = { maxFiles: 10, maxBytes: 10_000 };
const ARCHIVE = /^\/artifacts\/\d+\.zip$/;
const zip = zipOfFiles({ "a.txt": "first", "logs/b.txt": "second" });

let github: GitHubServer;
let token = "";
let lines: string[] = [];

beforeEach(async () => {
  github = await startGitHub();
  token = github.token({ permissions: { actions: "read" } });
  lines = [];
});

afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const shelf = (
  packed?: Parameters<typeof forgeArtifacts>[1],
  options: { readonly token?: string; readonly apiUrl?: string } = {},
): ArtifactShelf =>
  forgeArtifacts(
    connectForge({
      token,
      apiUrl: github.apiUrl,
      repository: `${github.owner}/${github.repo}`,
      log: (line) => lines.push(line),
      pauseScale: 0.001,
      ...options,
    }),
    packed,
  );

const listed = async (options: Parameters<ArtifactShelf["list"]>[0]): Promise<StoredArtifact[]> =>
  Array.fromAsync(shelf().list(options));

const onShelf = async (content: Buffer = zip, more: { readonly digest?: string | null } = {}) => {
  github.repository.addArtifact({ name: "squall", zip: content, ...more });
  const [artifact] = await listed({ name: "squall" });
  if (artifact === undefined) throw new Error("it is not listed");
  return artifact;
};

const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SquallError)) throw new Error(`no SquallError: ${String(error)}`);
  expect(`${error.message} ${error.remedy ?? ""} ${String(error.cause)} ${lines.join()}`).not.toContain(
    token,
  );
  expect(error.message).not.toContain("sig=");
  return error;
};

const requestsOf = (operation: string) =>
  github.requests.filter((request) => request.operation === operation);

describe("the list", () => {
  test("tells the run of an artifact, and whether its head is of this repository", async () => {
    const own = github.repository.addRun({ headSha: SHA, headBranch: "main" });
    const fork = github.repository.addRun({
      headSha: SHA,
      headBranch: "main",
      headRepository: "stranger/shop",
    });
    const deleted = github.repository.addRun({ headSha: SHA, headBranch: null, headRepository: null });
    for (const [name, run] of [
      ["own", own],
      ["fork", fork],
      ["deleted", deleted],
    ] as const)
      github.repository.addArtifact({ name, zip, run: run.id });
    github.repository.addArtifact({ name: "no run", zip, expired: true });
    const byName = Object.fromEntries((await listed({})).map((artifact) => [artifact.name, artifact]));
    expect(byName["own"]?.run).toEqual({ id: own.id, headBranch: "main", headSha: SHA, own: true });
    expect(byName["fork"]?.run).toMatchObject({ headBranch: "main", own: false });
    expect(byName["deleted"]?.run).toMatchObject({ own: false });
    expect(byName["no run"]).toMatchObject({ run: null, expired: true, bytes: zip.length });
  });

  test("is of one name, of one run, newest first", async () => {
    const run = github.repository.addRun({ headSha: SHA });
    for (const [name, of] of [
      ["a", run.id],
      ["b", run.id],
      ["a", null],
      ["a", run.id],
    ] as const)
      github.repository.addArtifact({ name, zip, run: of });
    const ids = async (options: Parameters<ArtifactShelf["list"]>[0]) =>
      (await listed(options)).map(({ id, name }) => [name, id]);
    const all = await ids({ name: "a" });
    expect(all.map(([name]) => name)).toEqual(["a", "a", "a"]);
    expect(all).toEqual(all.toSorted((x, y) => Number(y[1]) - Number(x[1])));
    expect(await ids({ run: run.id })).toHaveLength(3);
    expect(await ids({ run: run.id, name: "b" })).toHaveLength(1);
  });

  test("goes over all pages, and asks for the next one only where it is wanted", async () => {
    for (let index = 0; index < 250; index++) github.repository.addArtifact({ name: `n${index}`, zip });
    for await (const { name } of shelf().list({})) {
      expect(name).toBe("n249");
      break;
    }
    expect(requestsOf("actions/list-artifacts-for-repo")).toHaveLength(1);
    const names = (await listed({})).map(({ name }) => name);
    expect(new Set(names).size).toBe(250);
    expect(requestsOf("actions/list-artifacts-for-repo")).toHaveLength(4);
  });

  test("without the permission says which one it is", async () => {
    await using closed = await startGitHub({ private: true });
    token = closed.token({ permissions: { contents: "read", metadata: "read" } });
    const error = await refusal(Array.fromAsync(shelf(undefined, { token, apiUrl: closed.apiUrl }).list({})));
    expect(error.code).toBe("api-refused");
    expect(error.remedy).toContain("actions: read");
  });
});

describe("a download", () => {
  test("gives the files, and sends no token to the host that keeps them", async () => {
    const files = await shelf().download(await onShelf(), LIMITS);
    expect([...files].map(([name, content]) => [name, content.toString()])).toEqual([
      ["a.txt", "first"],
      ["logs/b.txt", "second"],
    ]);
    const [blob] = requestsOf("blob");
    expect(blob?.headers["authorization"]).toBeUndefined();
    expect(JSON.stringify(blob?.headers)).not.toContain(token);
  });

  test.each(["drop", "truncate", { status: 503 }] as const)(
    "that breaks once (%j) is tried again",
    async (fault) => {
      const artifact = await onShelf();
      github.fail({ path: ARCHIVE }, fault);
      expect((await shelf().download(artifact, LIMITS)).size).toBe(2);
      expect(requestsOf("blob")).toHaveLength(2);
      // The first address may have run out: it is asked for again.
      expect(requestsOf("actions/download-artifact")).toHaveLength(2);
    },
  );

  test.each(["drop", "truncate", { status: 503 }] as const)(
    "that breaks for ever (%j) is an error",
    async (fault) => {
      const artifact = await onShelf();
      github.fail({ path: ARCHIVE }, fault, 9);
      expect((await refusal(shelf().download(artifact, LIMITS))).code).toBe("api-failed");
      expect(requestsOf("blob")).toHaveLength(2);
    },
  );

  test("that does not come to an end is given up", async () => {
    const artifact = await onShelf();
    github.fail({ path: ARCHIVE }, { delayMs: 60_000 }, 9);
    const error = await refusal(
      shelf({ timeoutMs: 100, maxPackedBytes: 1 << 20 }).download(artifact, LIMITS),
    );
    expect(error.code).toBe("api-failed");
    expect(error.message).toContain("timeout");
  });

  test("of an expired artifact is refused, and not tried again", async () => {
    github.repository.addArtifact({ name: "squall", zip, expired: true });
    const [artifact] = await listed({});
    if (artifact === undefined) throw new Error("it is not listed");
    expect((await refusal(shelf().download(artifact, LIMITS))).code).toBe("api-refused");
    expect(requestsOf("actions/download-artifact")).toHaveLength(1);
  });

  test("that is not what was uploaded is refused; where the server tells no digest it is taken", async () => {
    const other = `sha256:${createHash("sha256").update("other").digest("hex")}`;
    const error = await refusal(shelf().download(await onShelf(zip, { digest: other }), LIMITS));
    expect(error.message).toContain("sha256 differs");
    github.repository.artifacts.clear();
    expect((await shelf().download(await onShelf(zip, { digest: null }), LIMITS)).size).toBe(2);
  });

  test("larger than the limit is refused: at once by what the list says, on the way by what comes", async () => {
    const packed = { timeoutMs: 10_000, maxPackedBytes: 100_000 };
    const large = zipOfFiles({ a: Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251)) });
    const stored = Buffer.concat([large, Buffer.alloc(300_000)]);
    const artifact = await onShelf(stored);
    const larger = { code: "artifact-invalid", message: expect.stringContaining("larger than 100000 bytes") };
    expect(await refusal(shelf(packed).download(artifact, LIMITS))).toMatchObject(larger);
    expect(requestsOf("blob")).toHaveLength(0);
    const lying = { ...artifact, bytes: 10 };
    expect(await refusal(shelf(packed).download(lying, LIMITS))).toMatchObject(larger);
    expect(requestsOf("blob")).toHaveLength(1);
  });

  test("that unpacks beyond the limits, or outside, is refused", async () => {
    const artifact = await onShelf(zipOfFiles({ "a.txt": "x".repeat(20_000) }));
    expect((await refusal(shelf().download(artifact, LIMITS))).message).toContain("more than 10000 bytes");
    github.repository.artifacts.clear();
    const outside = await onShelf(zipOfFiles({ "../a.txt": "x" }));
    expect((await refusal(shelf().download(outside, LIMITS))).code).toBe("artifact-invalid");
  });

  test("without an address to go to is an error", async () => {
    const artifact = await onShelf();
    github.fail({ path: /\/zip$/ }, { status: 200, body: "no" }, 9);
    expect((await refusal(shelf().download(artifact, LIMITS))).message).toMatch(
      /not JSON|without an address/,
    );
  });
});

test("names that GitHub refuses are made into ones it takes, and stay what they are then", async () => {
  const { artifactName } = await import("../../../../src/adapters/github/artifacts/name.ts");
  const name = artifactName('my "gate" / a:b\\c|d*e?<f>\r\n\u202eg');
  expect(name).not.toMatch(/[":<>|*?\\/\s]/);
  expect(artifactName(name)).toBe(name);
  expect(artifactName("squall-answers-attempt-1")).toBe("squall-answers-attempt-1");
});
