import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { proposeSuite } from "../../src/config/init/propose.ts";
import { loadRequestSet } from "../../src/config/request-set/load.ts";
import { mustParse } from "./support.ts";

/** A proposal whose three files have passed their own doors. */
const proposed = (files: Readonly<Record<string, string>>) => {
  const proposal = proposeSuite(new Map(Object.entries(files)));
  const { suite, warnings } = mustParse(proposal.suite);
  expect(warnings).toEqual([]);
  const { requests } = loadRequestSet(proposal.requests, { file: "requests.jsonl" });
  expect(parse(proposal.workflow)).toMatchObject({ jobs: { resilience: {} } });
  return { ...proposal, parsed: suite, set: requests };
};

const OPENAPI = `openapi: 3.1.0
paths:
  /healthz: { get: {} }
  /answer:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Question" } } } }
  /items/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: q, in: query, required: true, schema: { type: string, example: "a b&c" } }
    delete: {}
components:
  schemas:
    Question:
      type: object
      required: [question, history]
      properties:
        question: { type: string }
        history: { type: array, items: { $ref: "#/components/schemas/Question" } }
        stream: { type: boolean }
`;

describe("squall init", () => {
  test("on nothing writes a skeleton that is valid", () => {
    const { parsed, set, notes } = proposed({});
    expect(parsed.experiments.map(({ name }) => name)).toEqual(["service-killed", "overload"]);
    expect(set.map(({ path }) => path)).toEqual(["/"]);
    expect(notes.join(" ")).toContain("Write service.command");
  });

  test("on a node service finds its command, its model client and its stores", () => {
    const { parsed, suite } = proposed({
      "package.json": JSON.stringify({
        scripts: { start: "node --enable-source-maps server.js --port $PORT" },
        dependencies: { openai: "1", "@anthropic-ai/sdk": "1", ioredis: "5" },
      }),
    });
    expect(parsed.service.process?.command).toEqual([
      "node",
      "--enable-source-maps",
      "server.js",
      "--port",
      "{{port}}",
    ]);
    expect(parsed.dependencies.map(({ name }) => name)).toEqual(["llm", "anthropic"]);
    expect(parsed.service.process?.env).toMatchObject({
      OPENAI_BASE_URL: "{{llm}}/v1",
      ANTHROPIC_BASE_URL: "{{anthropic}}",
    });
    expect(suite).toContain('# redis: { url: "tcp://127.0.0.1:6379" }');
    expect(parsed.experiments.map(({ name }) => name)).toContain("llm-rate-limited");
  });

  test("goes through npm where the start script is no plain node command", () => {
    const { parsed } = proposed({
      "package.json": JSON.stringify({ scripts: { start: "next start && true" } }),
    });
    expect(parsed.service.process?.command).toEqual(["npm", "start"]);
  });

  test("on a Python service finds uvicorn and its libraries", () => {
    for (const files of [
      { "requirements.txt": "fastapi==0.115\nuvicorn[standard]>=0.30 # server\nopenai\nqdrant-client\n" },
      {
        "pyproject.toml":
          '[project]\ndependencies = ["fastapi>=0.1", "uvicorn[standard]", "openai~=1.0", "qdrant-client"]\n',
      },
      {
        "pyproject.toml":
          '[tool.poetry.dependencies]\nfastapi = "^0.1"\nuvicorn = { version = "*" }\nopenai = "1"\nqdrant-client = "1"\n',
      },
    ]) {
      const { parsed, suite } = proposed(files);
      expect(parsed.service.process?.command.slice(0, 4)).toEqual(["python", "-m", "uvicorn", "main:app"]);
      expect(parsed.dependencies.map(({ name }) => name)).toEqual(["llm"]);
      expect(suite).toContain("# vector:");
    }
  });

  test("reads port, command and health check of a Dockerfile's last stage", () => {
    const { parsed } = proposed({
      Dockerfile: `FROM node AS build\nCMD ["wrong"]\nEXPOSE 1\nFROM node\nEXPOSE 8080/tcp\nHEALTHCHECK CMD curl -f http://localhost:8080/health || exit 1\nENTRYPOINT ["node"]\nCMD ["dist/\\u0061.js", \\\n "--flag"]\n`,
    });
    expect(parsed.service.process).toMatchObject({
      command: ["node", "dist/a.js", "--flag"],
      port: 8080,
      ready: "/health",
    });
  });

  test("builds the Dockerfile where it tells no command", () => {
    const { parsed } = proposed({ Dockerfile: "FROM base\nEXPOSE 9000\n" });
    expect(parsed.service).toMatchObject({
      container: { source: { type: "build", context: "." }, port: 9000 },
    });
    expect(parsed.service.process).toBeUndefined();
  });

  test("takes a compose file that brings what the service calls before the Dockerfile that it builds", () => {
    const { parsed, suite, notes } = proposed({
      Dockerfile: "FROM base\nEXPOSE 5000\n",
      "compose.yaml":
        "services:\n  app:\n    build: .\n    command: python app.py\n    ports: ['8080:5000']\n    healthcheck: { test: curl -f http://localhost:5000/health }\n    environment: { LLM_URL: 'http://x/v1', DB_HOST: db, LLM_API_KEY: '${LLM_API_KEY}' }\n  db: {image: 'postgres:17'}\n  q: {image: qdrant/qdrant}\n",
    });
    expect(parsed.service).toMatchObject({
      container: { source: { type: "compose", file: "compose.yaml", service: "app" } },
      readyPath: "/health",
    });
    // What the file itself brings along keeps its address; the model is simulated.
    expect(parsed.dependencies.map(({ name }) => name)).toEqual(["db", "q", "llm"]);
    expect(suite).toContain('LLM_URL: "{{llm}}/v1"');
    expect(suite).toContain("LLM_API_KEY: test-key");
    expect(suite).not.toContain("DB_HOST");
    expect(notes.join(" ")).toContain("app of compose.yaml");
  });

  test("reads a compose file beside a Dockerfile that does not build what it runs: images it knows", () => {
    const { parsed, suite } = proposed({
      Dockerfile: 'FROM base\nEXPOSE 5000\nCMD ["python", "app.py"]\n',
      "compose.yaml": "services:\n  db: {image: 'postgres:17'}\n  q: {image: qdrant/qdrant}\n",
    });
    expect(parsed.service.process).toMatchObject({ command: ["python", "app.py"], port: 5000 });
    expect(suite).toContain("# postgres:");
    expect(suite).toContain("# vector:");
  });

  test("proposes the compose file itself where there is no Dockerfile and it holds what the service calls", () => {
    const { parsed, suite, notes } = proposed({
      "requirements.txt": "openai\nredis\n",
      "docs/compose.yml":
        "services:\n  web.app: {build: ./app, ports: ['8080:5000'], depends_on: [queue, llm]}\n  db: {image: 'postgres:17'}\n  cache: {image: redis, ports: ['6379']}\n  queue: {image: 'example/queue:1', expose: [9]}\n  other: {image: x, privileged: true}\n  llm: {image: vllm, ports: ['8000']}\n",
    });
    const compose = (service: string) => ({ type: "compose", file: "docs/compose.yml", service });
    expect(parsed.service).toMatchObject({ container: { source: compose("web.app"), port: 0 } });
    expect(parsed.service.process).toBeUndefined();
    expect(parsed.dependencies).toMatchObject([
      { name: "db", protocol: "tcp", source: { container: { source: compose("db"), port: 5432 } } },
      { name: "cache", protocol: "tcp", source: { container: { source: compose("cache"), port: 0 } } },
      { name: "queue", protocol: "tcp", source: { container: { source: compose("queue"), port: 0 } } },
      { name: "llm", source: { type: "stub" } },
    ]);
    expect(parsed.experiments.map(({ name }) => name)).toContain("cache-refused");
    expect(suite).not.toContain("# redis:");
    expect(notes.join(" ")).toContain("web.app of docs/compose.yml");
  });

  test("does not propose a compose file that squall cannot run, and says why", () => {
    const { parsed, notes } = proposed({
      "compose.yml":
        "services:\n  app: {build: ., command: python app.py, env_file: .env}\n  db: {image: 'postgres:17'}\n",
    });
    expect(parsed.service.container).toBeUndefined();
    expect(parsed.service.process?.command).toEqual(["python", "app.py"]);
    expect(notes.join(" ")).toContain("compose.yml:2:43  services.app.env_file: env_file changes how");
  });

  test("asks for a port where the compose file names none or several", () => {
    for (const [ports, port] of [
      ["[]", 8000],
      ["['81:80', '90']", 80],
    ] as const) {
      const { parsed } = proposed({
        "compose.yml": `services: {app: {build: ., ports: ${ports}}, db: {image: postgres}}`,
      });
      expect(parsed.service.container?.port).toBe(port);
    }
  });

  test("makes requests from an OpenAPI file: bodies from schemas, parameters filled, nothing deleted", () => {
    for (const [name, text] of [
      ["openapi.yaml", OPENAPI],
      ["docs/openapi.json", JSON.stringify(parse(OPENAPI))],
    ] as const) {
      const { parsed, set } = proposed({ [name]: text, "package.json": '{"main": "index.js"}' });
      expect(parsed.service.readyPath).toBe("/healthz");
      expect(set.map(({ method, path }) => `${method} ${path}`)).toEqual([
        "POST /answer",
        "GET /items/1?q=a%20b%26c",
      ]);
      expect(JSON.parse(set[0]?.body ?? "null")).toMatchObject({ question: "What can you help me with?" });
    }
  });

  test("passes over files it cannot read, with a note", () => {
    const { notes } = proposed({ "package.json": "{", "openapi.yaml": "a: [", "compose.yml": "\t" });
    expect(notes.filter((note) => note.includes("could not be read"))).toHaveLength(3);
  });

  test("takes no command that needs a shell or holds something of ours", () => {
    for (const start of [
      "node a.js && rm -rf /",
      "node $(whoami)",
      "node `id`",
      "node {{llm}}",
      "node a.js\u001b[2J",
      "node 'open",
    ]) {
      const { parsed } = proposed({ "package.json": JSON.stringify({ scripts: { start } }) });
      expect(parsed.service.process?.command).toEqual(["npm", "start"]);
    }
  });

  test("whatever the files hold, writes three valid files in which no content has become structure", () => {
    const evil = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        '"\n  evil: true',
        "a\nruns-on: evil",
        "${{ github.token }}",
        "{{evil}}",
        "# x\nevil: 1",
        "'",
        "\u2028evil: 1",
        "*a",
        "&a",
        "!!js",
      ),
    );
    const quoted = evil.map((text) => JSON.stringify(text));
    const files = fc.record(
      {
        "package.json": fc.oneof(
          evil,
          fc
            .record({
              scripts: fc.record({ start: evil }),
              main: evil,
              dependencies: fc.dictionary(evil, evil),
            })
            .map((value) => JSON.stringify(value)),
        ),
        Dockerfile: fc
          .tuple(evil, evil)
          .map(
            ([a, b]) =>
              `FROM x\nEXPOSE ${a}\nCMD ["node", ${JSON.stringify(b)}]\nHEALTHCHECK CMD curl http://localhost/${a}`,
          ),
        "compose.yml": fc
          .tuple(quoted, quoted)
          .map(([a, b]) => `services: {${a}: {build: ., command: ${b}, ports: [${a}]}, b: {image: ${b}}}`),
        "requirements.txt": fc.array(evil).map((lines) => lines.join("\n")),
        "openapi.yaml": fc
          .tuple(quoted, quoted, quoted)
          .map(
            ([a, b, c]) =>
              `openapi: 3.1.0\npaths:\n  "/x": {get: {parameters: [{name: ${a}, in: query, required: true, example: ${b}}]}}\n  ${c}: {get: {}, post: {requestBody: {content: {application/json: {example: {${a}: ${b}}}}}}}\n`,
          ),
        Procfile: evil.map((text) => `web: ${text}`),
        ".env.example": evil.map(
          (text) => `LLM_URL=${text}\nSEARCH_URL=http://localhost:7/${text}\nREDIS_URL=${text}`,
        ),
        "README.md": fc.tuple(evil, quoted).map(([a, b]) => `curl localhost:1/${a} -d '{"q": ${b}}'\n`),
        "src/a.js": fc
          .tuple(evil, quoted)
          .map(
            ([a, b]) =>
              `process.env.MODEL_URL ?? ${b}; required("NEEDED_ONE"); app.post("/${a}", cached); fallback: true`,
          ),
        'a"\n  evil: true/b.py': evil.map((text) => `os.environ["OTHER_URL"] # ${text}\nsource = "fallback"`),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(files, (each) => {
        const { parsed, workflow, suite } = proposed(each);
        expect(Object.keys(parse(suite) as object)).toEqual([
          "version",
          "service",
          "dependencies",
          "workload",
          "experiments",
          "gate",
        ]);
        expect(parsed.experiments.length).toBeGreaterThanOrEqual(2);
        expect(workflow).not.toContain("evil");
      }),
      { numRuns: 60 },
    );
  });
});
