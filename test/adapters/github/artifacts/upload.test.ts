import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { forgeArtifacts } from "../../../../src/adapters/github/artifacts/shelf.ts";
import { uploadArtifactWith } from "../../../../src/adapters/github/artifacts/upload.ts";
import { connectForge } from "../../../../src/adapters/github/forge.ts";
import { SquallError } from "../../../../src/core/errors.ts";
import { type ArtifactsService, startArtifacts } from "../../../support/github/artifacts-service.ts";
import { type GitHubServer, startGitHub } from "../../../support/github/server.ts";

const PAGE = "https://github.com/acme/shop/actions/runs/7";
const RUN = 7;

let github: GitHubServer;
let service: ArtifactsService;
let folder = "";
let files: string[] = [];

beforeAll(async () => {
  github = await startGitHub();
  service = await startArtifacts({ run: RUN, repository: github.repository });
  github.repository.addRun({ id: RUN, headSha: "a".repeat(40) });
}, 60_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

beforeEach(async () => {
  // As while a service runs: nothing of the job's secrets is in the environment.
  vi.stubEnv("ACTIONS_RUNTIME_TOKEN", undefined);
  vi.stubEnv("ACTIONS_RESULTS_URL", undefined);
  vi.stubEnv("GITHUB_SERVER_URL", "http://squall.localhost");
  folder = await mkdtemp(path.join(tmpdir(), "squall-upload-"));
  await mkdir(path.join(folder, "logs"));
  files = ["result.json", ".hidden", "logs/service.log"].map((name) => path.join(folder, name));
  for (const file of files) await writeFile(file, `of ${path.basename(file)}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const taken = () => ({
  ACTIONS_RESULTS_URL: service.env.ACTIONS_RESULTS_URL,
  ACTIONS_RUNTIME_TOKEN: service.env.ACTIONS_RUNTIME_TOKEN,
  INPUT_TOKEN: "not-for-the-toolkit",
});

const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SquallError)) throw new Error(`no SquallError: ${String(error)}`);
  expect(JSON.stringify([error.message, error.remedy, error.cause])).not.toContain(
    service.env.ACTIONS_RUNTIME_TOKEN,
  );
  return error;
};

describe("an upload by the toolkit's client", () => {
  test("comes back whole by the REST API, hidden files that were named included", async () => {
    const upload = uploadArtifactWith(taken(), PAGE);
    const { id, url, bytes } = await upload("squall / tiny: 1", folder, { files, retentionDays: 3 });
    expect(url).toBe(`${PAGE}/artifacts/${id}`);
    expect(bytes).toBeGreaterThan(0);
    const shelf = forgeArtifacts(
      connectForge({
        token: github.token(),
        apiUrl: github.apiUrl,
        repository: `${github.owner}/${github.repo}`,
        log: () => undefined,
      }),
    );
    const [artifact] = await Array.fromAsync(shelf.list({ run: RUN, name: "squall---tiny--1" }));
    if (artifact === undefined) throw new Error("it is not listed");
    expect(artifact.id).toBe(id);
    const unpacked = await shelf.download(artifact, { maxFiles: 3, maxBytes: 1000 });
    expect(Object.fromEntries([...unpacked].map(([name, content]) => [name, content.toString()]))).toEqual({
      "result.json": "of result.json",
      ".hidden": "of .hidden",
      "logs/service.log": "of service.log",
    });
  });

  test("has the job's variables in the environment while it lasts, and not after, however it ends", async () => {
    const inside = (): (string | undefined)[] =>
      ["ACTIONS_RUNTIME_TOKEN", "ACTIONS_RESULTS_URL", "INPUT_TOKEN"].map((name) => process.env[name]);
    const upload = uploadArtifactWith(taken(), PAGE);
    await upload("environment", folder, { files });
    expect(inside()).toEqual([undefined, undefined, undefined]);
    await refusal(upload("environment", folder, { files }));
    expect(inside()).toEqual([undefined, undefined, undefined]);
  });

  test("under a name that is taken says so, and with replace takes its place", async () => {
    const upload = uploadArtifactWith(taken(), PAGE);
    await upload("twice", folder, { files });
    const error = await refusal(upload("twice", folder, { files }));
    expect(error.code).toBe("api-refused");
    expect(error.remedy).toContain("report-name");
    const again = await upload("twice", folder, { files: files.slice(0, 1), replace: true });
    expect(again.id).not.toBeNull();
    expect((await upload("never-there", folder, { files, replace: true })).id).not.toBeNull();
  });

  test("that the service refuses is an error with what to do", async () => {
    const upload = uploadArtifactWith(taken(), PAGE);
    service.fail("CreateArtifact", 403);
    const error = await refusal(upload("refused", folder, { files }));
    expect(error.code).toBe("api-failed");
    expect(error.message).toContain("403");
    expect(error.remedy).toContain(".squall/");
  });

  test("outside of a workflow names what is missing, without loading the toolkit", async () => {
    const error = await refusal(uploadArtifactWith({}, undefined)("x", folder, { files }));
    expect(error.code).toBe("api-refused");
    expect(error.place).toBe("ACTIONS_RUNTIME_TOKEN");
  });

  test("to an enterprise server without such artifacts says so", async () => {
    vi.stubEnv("GITHUB_SERVER_URL", "https://github.example.com");
    const error = await refusal(uploadArtifactWith(taken(), PAGE)("x", folder, { files }));
    expect(error.code).toBe("api-refused");
    expect(error.remedy).toContain("upload: false");
  });

  test("of a file that is not there names it", async () => {
    const missing = path.join(folder, "missing.json");
    const error = await refusal(uploadArtifactWith(taken(), PAGE)("missing", folder, { files: [missing] }));
    expect(error.message).toContain("missing.json");
  });
});

test("the command line loads nothing of the toolkit's artifact client", async () => {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ resolve(name, context, next) {
      const found = next(name, context);
      if (/@actions\\/|@azure\\//.test(found.url)) process.stderr.write("LOADED " + found.url + "\\n");
      return found;
    } });`;
  const main = path.resolve(import.meta.dirname, "../../../../src/surfaces/cli/main.ts");
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(hook)}`,
    main,
    "--help",
  ]);
  expect(stdout).toContain("Usage");
  expect(stderr).not.toContain("LOADED");
}, 30_000);
