/** `squall init` as a command: on repositories of several kinds, with a standard input that never says anything. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const WRITTEN = ["squall.yml", "chaos/requests.jsonl", ".github/workflows/squall.yml"];

const OPENAPI = `openapi: 3.1.0
paths:
  /healthz: { get: {} }
  /answer:
    post:
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [question], properties: { question: { type: string } } }
`;

/** Repositories by what they hold, and what the suite must say because of it. */
const REPOSITORIES: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly suite: readonly string[];
  readonly requests: string;
}[] = [
  {
    what: "a Dockerfile",
    files: {
      Dockerfile:
        'FROM node:24\nEXPOSE 8080\nHEALTHCHECK CMD curl -f http://localhost:8080/health || exit 1\nCMD ["node", "server.js"]\n',
    },
    suite: ["8080", "/health", "server.js"],
    requests: '"/health"',
  },
  {
    what: "a compose file",
    files: {
      "compose.yaml":
        "services:\n  app: {build: ., command: python app.py, ports: ['8080:5000']}\n  q: {image: qdrant/qdrant}\n",
      Dockerfile: "FROM python:3.13\n",
    },
    suite: ['compose: { file: "compose.yaml", service: "app" }', "q: { compose:", "q-refused"],
    requests: '"/"',
  },
  {
    what: "an OpenAPI file under docs",
    files: { "docs/openapi.yaml": OPENAPI, "package.json": '{"scripts":{"start":"node server.js"}}' },
    suite: ["/healthz", "server.js"],
    requests: '"/answer"',
  },
  {
    what: "a package.json with a model's client",
    files: {
      "package.json": '{"scripts":{"start":"node server.js"},"dependencies":{"openai":"5"}}',
    },
    suite: ["stub: openai", "{{llm}}", "llm-rate-limited"],
    requests: '"/"',
  },
  { what: "nothing", files: {}, suite: ["service-killed"], requests: '"/"' },
];

let scratch = "";
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "squall-init-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const repository = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const directory = await mkdtemp(path.join(scratch, "repository-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), content);
  }
  return directory;
};

const squall = (directory: string, ...args: readonly string[]) => runIn(SOURCE, directory, args);

test.each(REPOSITORIES)("writes three files for $what, and validate accepts them", async (given) => {
  const directory = await repository(given.files);
  const answer = await squall(directory, "init");
  expect(answer.stderr).toBe("");
  expect(answer.code).toBe(0);
  for (const name of WRITTEN) expect(answer.stdout).toContain(`wrote ${name}\n`);
  expect(answer.stdout).toContain("What was guessed, and from where:");
  expect(answer.stdout).toContain("next: read squall.yml, then `squall validate`");

  const suite = await readFile(path.join(directory, "squall.yml"), "utf8");
  for (const text of given.suite) expect(suite).toContain(text);
  expect(await readFile(path.join(directory, "chaos/requests.jsonl"), "utf8")).toContain(given.requests);
  // Nothing beyond the three, and what was there is as it was.
  const present = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
  expect(present.toSorted()).toEqual([...WRITTEN, ...Object.keys(given.files)].toSorted());
  for (const [name, content] of Object.entries(given.files))
    expect(await readFile(path.join(directory, name), "utf8")).toBe(content);

  const validated = await squall(directory, "validate");
  expect(validated.stderr).toContain("next: `squall run` (about 2 minutes)");
  expect(validated).toMatchObject({ code: 0, stdout: expect.stringContaining("squall.yml is valid") });
});

test("refuses where one of the files exists, names it, and writes nothing; --force overwrites", async () => {
  const directory = await repository({ "chaos/requests.jsonl": "mine\n" });
  const refused = await squall(directory, "init");
  expect(refused.code).toBe(2);
  expect(refused.stdout).toBe("");
  expect(refused.stderr).toContain("chaos/requests.jsonl exists already; nothing was written");
  expect(refused.stderr).toContain("--force");
  expect(await readdir(directory)).toEqual(["chaos"]);
  expect(await readFile(path.join(directory, "chaos/requests.jsonl"), "utf8")).toBe("mine\n");

  expect(await squall(directory, "init", "--force")).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(path.join(directory, "chaos/requests.jsonl"), "utf8")).not.toContain("mine");
  expect(await squall(directory, "validate")).toMatchObject({ code: 0 });
});

test("looks at the directory that is named, and writes there", async () => {
  const directory = await repository({ "service/Dockerfile": 'FROM a\nEXPOSE 7000\nCMD ["node", "x.js"]\n' });
  expect(await squall(directory, "init", "service")).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(path.join(directory, "service/squall.yml"), "utf8")).toContain("7000");
  expect(await squall(directory, "validate", "service/squall.yml")).toMatchObject({ code: 0 });
});

/** Services as teams write them, that know nothing of squall: what init must find without being told. */
const PROJECTS: readonly {
  readonly what: string;
  readonly suite: readonly string[];
  readonly requests: readonly string[];
  readonly guessed: readonly string[];
}[] = [
  {
    what: "node",
    suite: [
      'command: ["node", "src/server.js"]',
      "ready: /healthz",
      'OPENAI_BASE_URL: "{{llm}}/v1"',
      "OPENAI_API_KEY: test-key # read in src/config.js:13",
      "degraded: { json: { path: fallback, value: true } }",
    ],
    requests: ["/api/chat", "/api/title"],
    guessed: ["from OPENAI_BASE_URL in src/config.js:12", "2 requests from the curl commands"],
  },
  {
    what: "python",
    suite: [
      'command: ["python", "-m", "answers.server"]',
      "ready: /health",
      'LLM_BASE_URL: "{{llm}}/v1"',
      'VECTOR_STORE_URL: "{{vector}}"',
      'vector: { url: "http://127.0.0.1:6333" }',
      "vector-refused",
    ],
    requests: ["/v1/answer"],
    guessed: ["from Procfile", "must run at 127.0.0.1:6333"],
  },
  {
    what: "compose",
    suite: [
      'compose: { file: "docker-compose.yml", service: "api" }',
      "ready: /health",
      'redis: { compose: { file: "docker-compose.yml" }, protocol: tcp, port: 6379 }',
      'OPENAI_BASE_URL: "{{llm}}/v1"',
    ],
    requests: ["/summarize", "{{nonce}}"],
    guessed: ["api of docker-compose.yml", "dependency redis: started from the compose file"],
  },
];

const project = async (what: string): Promise<string> => {
  const directory = await mkdtemp(path.join(scratch, `${what}-`));
  await cp(path.join(import.meta.dirname, "fixtures/first-minutes", what), directory, { recursive: true });
  return directory;
};

test.each(PROJECTS)(
  "finds what a $what project is, calls and is asked, from its own files",
  async (given) => {
    const directory = await project(given.what);
    const answer = await squall(directory, "init");
    expect(answer).toMatchObject({ code: 0, stderr: "" });
    for (const text of given.guessed) expect(answer.stdout).toContain(text);
    const suite = await readFile(path.join(directory, "squall.yml"), "utf8");
    for (const text of given.suite) expect(suite).toContain(text);
    const requests = await readFile(path.join(directory, "chaos/requests.jsonl"), "utf8");
    for (const text of given.requests) expect(requests).toContain(text);
    expect(await squall(directory, "validate")).toMatchObject({ code: 0 });
  },
);

test("what it wrote for the node project runs as it stands, and says what comes next", async () => {
  const directory = await project("node");
  await squall(directory, "init");
  const file = path.join(directory, "squall.yml");
  const suite = await readFile(file, "utf8");
  // Only shorter, and on a machine that is busy with other tests.
  const shorter = suite.replace("budget: 120s", "budget: 20s, maxLagP99: 5s");
  expect(shorter).not.toBe(suite);
  await writeFile(file, shorter);
  const answer = await squall(directory, "run", "--experiment", "llm-rate-limited");
  expect(answer.stderr).toContain("next: on the default branch `squall baseline`");
  expect(answer.code).toBe(0);
  expect(answer.stdout).toContain("No baseline yet");
  // The fault met the service's calls, and its retries caught them.
  expect(answer.stdout).toMatch(/^llm-rate-limited +\d+ +0 %/m);
  expect(await readFile(path.join(directory, ".squall/.gitignore"), "utf8")).toMatch(/^\*$/m);
});
