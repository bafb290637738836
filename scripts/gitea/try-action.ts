/**
 * The shipped Action on a real Gitea: what the tests show on a stand-in (test/e2e/action/gitea.test.ts), shown on the server itself.
 *
 *     node scripts/gitea/try-action.ts <gitea binary>
 *
 * The binary: `go mod download code.gitea.io/gitea@v1.25.0`, a writable copy of that folder, and there
 * `go build -tags "sqlite sqlite_unlock_notify" -o gitea .` (web pages need more; the API does not). Starts it on a free port of the
 * loopback with a database in a temporary folder, and leaves nothing behind. Exits 1 where anything is not as on the stand-in.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readMarker } from "../../src/core/report/marker.ts";
import { type Step, type StepEnd, startStep } from "../../test/support/action/runner.ts";
import { tinySuite } from "../../test/support/action/world.ts";

const root = path.resolve(import.meta.dirname, "../..");
const [binary] = process.argv.slice(2);
if (binary === undefined) {
  process.stderr.write("node scripts/gitea/try-action.ts <gitea binary>\n");
  process.exit(2);
}

const OWNER = "octocat";
const REPO = "shop";
const READY_WITHIN_MS = 60_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const folder = await mkdtemp(path.join(tmpdir(), "squall-gitea-"));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const apiUrl = `${origin}/api/v1`;
const config = path.join(folder, "app.ini");
await mkdir(path.join(folder, "work", "custom"), { recursive: true });
await writeFile(
  config,
  `RUN_MODE = prod
RUN_USER = nobody
WORK_PATH = ${folder}/work
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${origin}/
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${process.env["GITEA_SOURCE"] ?? path.dirname(path.resolve(binary))}
[database]
DB_TYPE = sqlite3
PATH = ${folder}/work/gitea.db
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-this-run
[log]
LEVEL = error
[repository]
ROOT = ${folder}/work/repositories
`,
);
// The server refuses to be root.
execFileSync("chown", ["-R", "nobody", folder]);
const uid = Number(execFileSync("id", ["-u", "nobody"], { encoding: "utf8" }));
const environment = {
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  GITEA_WORK_DIR: path.join(folder, "work"),
};
const gitea = (...args: readonly string[]): string =>
  execFileSync(path.resolve(binary), ["--config", config, ...args], {
    encoding: "utf8",
    uid,
    env: environment,
    cwd: folder,
  });

const call = async (method: string, url: string, token: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(`${apiUrl}${url}`, {
    method,
    headers: { authorization: `token ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`);
  return text === "" ? null : JSON.parse(text);
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

gitea("migrate");
const server = spawn(path.resolve(binary), ["--config", config, "web"], {
  uid,
  env: environment,
  cwd: folder,
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  for (let waited = 0; ; waited += 200) {
    if (
      await fetch(`${apiUrl}/version`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (waited > READY_WITHIN_MS) throw new Error("the server did not answer");
    await sleep(200);
  }
  const { version } = (await (await fetch(`${apiUrl}/version`)).json()) as { version: string };
  say(`Gitea ${version}`);
  gitea(
    "admin",
    "user",
    "create",
    "--username",
    OWNER,
    "--password",
    "only-for-this-run",
    "--email",
    "o@example.org",
    "--admin",
    "--must-change-password=false",
  );
  const made = gitea(
    "admin",
    "user",
    "generate-access-token",
    "--username",
    OWNER,
    "--scopes",
    "all",
    "--raw",
  );
  const token = made.trim().split(/\s+/).at(-1) ?? "";
  await call("POST", "/user/repos", token, { name: REPO, default_branch: "main", private: false });

  // The repository: main, and a careless pull request.
  const checkout = path.join(folder, "checkout");
  await mkdir(checkout);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=o", "-c", "user.email=o@example.org", ...args], {
      cwd: checkout,
      encoding: "utf8",
    }).trim();
  await writeFile(path.join(checkout, "squall.yml"), tinySuite());
  await cp(path.join(root, "test/e2e/fixtures/service.mjs"), path.join(checkout, "service.mjs"));
  await writeFile(
    path.join(checkout, "requests.jsonl"),
    Array.from({ length: 12 }, (_, index) =>
      JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=question+${index}` }),
    ).join("\n"),
  );
  await writeFile(path.join(checkout, ".gitignore"), ".squall\n");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "main");
  const base = git("rev-parse", "HEAD");
  git("remote", "add", "origin", `http://${OWNER}:only-for-this-run@127.0.0.1:${port}/${OWNER}/${REPO}.git`);
  git("push", "-q", "origin", "main");

  const repository = { full_name: `${OWNER}/${REPO}`, default_branch: "main" };
  const step = async (
    over: Partial<Step> & Pick<Step, "eventName" | "event" | "sha" | "ref">,
  ): Promise<StepEnd> =>
    (
      await startStep({
        token,
        workspace: checkout,
        repository: repository.full_name,
        apiUrl,
        ...over,
        inputs: { baseline: "directory:../baselines", upload: "false", check: "status", ...over.inputs },
        env: { GITEA_ACTIONS: "true", GITHUB_SERVER_URL: origin },
      })
    ).end;

  const stored = await step({
    eventName: "push",
    sha: base,
    ref: "refs/heads/main",
    event: { before: base, after: base, ref: "refs/heads/main", deleted: false, repository },
    inputs: { mode: "baseline" },
  });
  assert.equal(stored.code, 0, stored.log.slice(-2000));
  say("mode baseline: stored");

  git("checkout", "-qb", "careless");
  await writeFile(path.join(checkout, "squall.yml"), tinySuite({ careless: true }));
  git("commit", "-qam", "careless");
  const headSha = git("rev-parse", "HEAD");
  git("push", "-q", "origin", "careless");
  const { number } = (await call("POST", `/repos/${OWNER}/${REPO}/pulls`, token, {
    title: "Careless",
    head: "careless",
    base: "main",
  })) as { number: number };
  const pullRequest = {
    eventName: "pull_request",
    sha: headSha,
    ref: `refs/pull/${number}/head`,
    event: {
      action: "synchronize",
      number,
      pull_request: {
        number,
        head: { sha: headSha, ref: "careless", repo: { full_name: repository.full_name } },
        base: { sha: base, ref: "main", repo: repository },
      },
      repository,
    },
  };
  const end = await step(pullRequest);
  say(
    end.log
      .split("\n")
      .filter((line) => /^::(warning|error|notice)/.test(line))
      .join("\n"),
  );
  assert.equal(end.outputs["verdict"], "regressed", end.log.slice(-3000));
  assert.equal(end.code, 1);
  const comments = (await call("GET", `/repos/${OWNER}/${REPO}/issues/${number}/comments`, token)) as {
    body: string;
  }[];
  assert.equal(comments.length, 1);
  assert.match(comments[0]?.body ?? "", /Less resilient/);
  assert.equal(readMarker(comments[0]?.body ?? "")?.head, headSha);
  const statuses = (await call("GET", `/repos/${OWNER}/${REPO}/commits/${headSha}/statuses`, token)) as {
    status: string;
    context: string;
    description: string;
  }[];
  assert.equal(statuses[0]?.status, "failure");
  say(
    `pull request: blocked; comment and status "${statuses[0]?.context}: ${statuses[0]?.description}" are there`,
  );

  // Accepted by its description: the comment is the same one, changed.
  await call("PATCH", `/repos/${OWNER}/${REPO}/pulls/${number}`, token, {
    body: `Meant so.\n\nsquall: accept ${headSha.slice(0, 7)} llm-fails/regression`,
  });
  const accepted = await step({ ...pullRequest, attempt: 2 });
  assert.deepEqual(
    [accepted.outputs["verdict"], accepted.outputs["conclusion"]],
    ["regressed", "success"],
    accepted.log.slice(-3000),
  );
  const after = (await call("GET", `/repos/${OWNER}/${REPO}/issues/${number}/comments`, token)) as {
    body: string;
  }[];
  assert.equal(after.length, 1);
  assert.match(after[0]?.body ?? "", /accepted by .*octocat/);
  say("accepted by the description: the same comment says so, and the status passes");

  // What it lacks is said, and changes no verdict.
  const run = await step({ ...pullRequest, attempt: 3, inputs: { check: "check-run" } });
  assert.equal(run.outputs["verdict"], "regressed");
  assert.match(run.log, /check: status/);
  const refused = await step({ ...pullRequest, attempt: 4, inputs: { baseline: "branch" } });
  assert.equal(refused.code, 3);
  assert.match(refused.log, /baseline: artifact, file:<directory> or directory:<path>/);
  say("check runs and data branches: said what to use instead");
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}
