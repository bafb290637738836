/** What `squall init` reads of code, READMEs and example environments. */
import { describe, expect, test } from "vitest";
import { findMark, readyOfCode } from "../../src/config/init/code.ts";
import { requestsOfProse } from "../../src/config/init/curl.ts";
import { detect } from "../../src/config/init/detect.ts";
import { proposeSuite } from "../../src/config/init/propose.ts";
import { findVariables } from "../../src/config/init/variables.ts";
import { parseSuite } from "../../src/config/suite.ts";

const filesOf = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files));
const variablesIn = (files: Readonly<Record<string, string>>) =>
  findVariables(filesOf(files), {}, "compose.yml");
const detected = (files: Readonly<Record<string, string>>) => detect(filesOf(files));
const envOf = (files: Readonly<Record<string, string>>) =>
  Object.assign({}, ...detected(files).dependencies.map(({ env }) => env)) as Record<string, string>;

describe("environment variables", () => {
  test("of Node code, with defaults, and through a project's own function", () => {
    expect(
      variablesIn({
        "src/a.ts":
          'const a = process.env.LLM_URL ?? "http://localhost:9000";\nconst b = process.env["B_KEY"];\nconst c = requireEnv("C_TOKEN");\nthrow new ConfigError("NOT_ONE");\n',
      }),
    ).toEqual([
      { name: "LLM_URL", required: false, seenIn: "src/a.ts:1", fallback: "http://localhost:9000" },
      { name: "B_KEY", required: false, seenIn: "src/a.ts:2" },
      { name: "C_TOKEN", required: true, seenIn: "src/a.ts:3" },
    ]);
  });

  test("of Python code and pydantic settings; one that is set is not one that is read", () => {
    const found = variablesIn({
      "a.py": 'import os\nos.environ["A_URL"]\nos.getenv("B_URL", "x")\nos.environ["SET"] = "1"\n',
      "settings.py":
        'class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="RAG_")\n    llm_url: str\n    top_k: int = 3\n',
    });
    expect(found.map(({ name, required }) => [name, required])).toEqual([
      ["A_URL", true],
      ["B_URL", false],
      ["RAG_LLM_URL", true],
      ["RAG_TOP_K", false],
    ]);
  });

  test("an example gives values, code says where and whether; tests are passed over", () => {
    expect(
      variablesIn({
        ".env.example": "LLM_URL=http://localhost:9000/v1 # ours\nexport OTHER='x'\n",
        "app.py": 'import os\nurl = os.environ["LLM_URL"]\n',
        "tests/test_app.py": 'import os\nos.environ["ONLY_TESTS"]\n',
      }),
    ).toEqual([
      { name: "LLM_URL", required: true, seenIn: "app.py:2", example: "http://localhost:9000/v1" },
      { name: "OTHER", required: false, seenIn: ".env.example", example: "x" },
    ]);
  });
});

describe("what the service calls, by its variables", () => {
  test("models are simulated below the path that the example, or else the code, has", () => {
    const code = (url: string, rest = ""): Record<string, string> => ({
      "a.js": `const base = process.env.LLM_BASE_URL ?? "${url}";${rest}`,
    });
    expect(envOf(code("http://localhost:9000/v1"))).toEqual({ LLM_BASE_URL: "{{llm}}/v1" });
    expect(envOf(code("http://localhost:9000"))).toEqual({ LLM_BASE_URL: "{{llm}}" });
    const bare = { "a.js": "fetch(process.env.LLM_URL + '/v1/chat/completions')" };
    expect(envOf(bare)).toEqual({ LLM_URL: "{{llm}}" });
    expect(envOf({ "a.js": "fetch(process.env.LLM_URL + '/chat/completions')" })).toEqual({
      LLM_URL: "{{llm}}/v1",
    });
    expect(envOf({ "a.js": "process.env.EMBEDDINGS_URL; process.env.ANTHROPIC_BASE_URL" })).toEqual({
      EMBEDDINGS_URL: "{{embeddings}}/v1",
      ANTHROPIC_BASE_URL: "{{anthropic}}",
    });
  });

  test("stores keep scheme, plain credentials and path; HOST and PORT are filled in apart", () => {
    expect(
      envOf({
        ".env.example":
          "DATABASE_URL=postgresql://app:app@localhost:5433/answers\nREDIS_HOST=localhost\nREDIS_PORT=6379\n",
      }),
    ).toEqual({
      DATABASE_URL: "postgresql://app:app@{{postgres}}/answers",
      REDIS_HOST: "{{redis.host}}",
      REDIS_PORT: "{{redis.port}}",
    });
  });

  test("one that the example has on this machine is named at once, another is offered as a comment", () => {
    const suiteOf = (url: string): string =>
      proposeSuite(
        filesOf({
          "package.json": '{"scripts":{"start":"node a.js"}}',
          ".env.example": `SEARCH_URL=${url}\n`,
        }),
      ).suite;
    expect(suiteOf("http://localhost:7700")).toContain('\n  search: { url: "http://127.0.0.1:7700" }');
    expect(suiteOf("http://localhost:7700")).toContain("- name: search-refused");
    expect(suiteOf("https://search.example.com")).toContain("\n  # search: {");
  });

  test("its own address, a browser's and what only watches are none", () => {
    expect(
      envOf({
        ".env.example":
          "BASE_URL=http://localhost\nPUBLIC_URL=http://x\nOTEL_EXPORTER_OTLP_ENDPOINT=http://x\nHTTPS_PROXY=http://x\nAUTH_CALLBACK_URL=http://x\nHOST=0.0.0.0\n",
      }),
    ).toEqual({});
  });
});

describe("what else it does not start without", () => {
  test("keys of what is simulated and required variables, with the example's value where it is no secret", () => {
    const { needed } = detected({
      "a.py":
        'import os\nos.environ["LLM_URL"]\nos.environ["REGION"]\nos.environ["DB_PASSWORD"]\nos.environ["PORT"]\n',
      ".env.example":
        "REGION=eu\nDB_PASSWORD=very-secret-indeed\nLLM_API_KEY=sk-0123456789abcdefghij\nUNUSED=1\n",
    });
    expect(needed).toEqual([
      { name: "REGION", value: "eu", seenIn: "a.py:3" },
      { name: "DB_PASSWORD", value: "test-key", seenIn: "a.py:4" },
      { name: "LLM_API_KEY", value: "test-key", seenIn: ".env.example" },
    ]);
  });

  test("a port under another name is squall's; one that the code writes out is fixed", () => {
    expect(detected({ "a.js": "process.env.SERVER_PORT" }).needed).toEqual([
      { name: "SERVER_PORT", value: "{{port}}", seenIn: "a.js:1" },
    ]);
    expect(detected({ "a.js": "app.listen(3210)" }).port).toBe(3210);
    expect(
      detected({ "a.js": "app.listen(process.env.PORT)", Dockerfile: "FROM x\nEXPOSE 8080\n" }).port,
    ).toBe(undefined);
  });
});

describe("requests of a README's curl commands", () => {
  const requestsOf = (text: string) =>
    requestsOfProse(filesOf({ "README.md": text })).requests.map(({ method, path, body }) => [
      method,
      path,
      body,
    ]);

  test("over several lines, with quotes, pipes and options", () => {
    expect(
      requestsOf(
        "```sh\ncurl -sN http://localhost:3000/ask \\\n  -H 'content-type: application/json' \\\n  -d '{\n  \"q\": \"it\\u0027s a | b\"}' | jq .\n```\nor `curl $HOST/items?x=1`\n    $ curl -XPOST --json '{}' 127.0.0.1:80/b > out\n",
      ),
    ).toEqual([
      ["POST", "/ask", { q: "it's a | b" }],
      ["GET", "/items?x=1", undefined],
      ["POST", "/b", {}],
    ]);
  });

  test("other hosts, forms, files, other methods and what is not JSON are passed over", () => {
    for (const command of [
      "curl https://api.openai.com/v1/models",
      "curl -F file=@a localhost:1/upload",
      "curl -d @body.json localhost:1/a",
      "curl -X DELETE localhost:1/a",
      "curl -d a=b localhost:1/a",
      "curl -d '{\"open",
      "curling localhost:1/a",
    ])
      expect(requestsOf(`${command}\n`)).toEqual([]);
  });
});

describe("routes, readiness and fallbacks of code", () => {
  test("without a README requests are made up for the routes that POST, with fields that the code names", () => {
    const { requests, requestsFrom, ready } = detected({
      "app.js":
        'app.get("/healthz", ok);\napp.get("/items", list);\napp.post("/ask", (req) => answer(req.body.question));\n',
    });
    expect(requestsFrom).toBe("code");
    expect(ready).toBe("/healthz");
    expect(requests).toMatchObject([
      { method: "POST", path: "/ask", body: { question: expect.any(String) } },
    ]);
  });

  test("a path by which services say that they are ready, and the field that marks a fallback", () => {
    expect(readyOfCode(filesOf({ "a.py": '@app.get("/health")\nx = "/other"' }))).toBe("/health");
    expect(findMark(filesOf({ "a.ts": "\nsend({ text, degraded: true })" }))).toEqual({
      path: "degraded",
      value: true,
      seenIn: "a.ts:2",
    });
    expect(findMark(filesOf({ "a.ts": 'const source = "model"' }))).toBeUndefined();
  });

  test("where the service keeps answers, no two requests are the same", () => {
    const readme =
      'curl localhost:1/a -d \'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"hello"}],"input":"plain"}\'\n';
    const [kept] = detected({ "README.md": readme, "cache.py": "def cached(): pass" }).requests;
    expect(JSON.stringify(kept?.body)).toContain('"content":"s"');
    expect(JSON.stringify(kept?.body)).toContain('"hello {{nonce}}"');
    expect(JSON.stringify(kept?.body)).toContain('"input":"plain"');
    const [plain] = detected({ "README.md": readme, "a.py": 'h = {"cache-control": "no-cache"}' }).requests;
    expect(JSON.stringify(plain?.body)).not.toContain("nonce");
  });

  test("Python applications are started where they stand", () => {
    const wordsOf = (files: Record<string, string>) => detected(files).command?.words.join(" ");
    expect(wordsOf({ "api/main.py": "service = FastAPI()\n", "requirements.txt": "fastapi\n" })).toBe(
      "python -m uvicorn api.main:service --host 127.0.0.1 --port {{port}}",
    );
    expect(wordsOf({ "web.py": "app = Flask(__name__)\n" })).toBe(
      "python -m flask --app web:app run --port {{port}}",
    );
    expect(wordsOf({ "pkg/serve.py": "HTTPServer(x).serve_forever()\n" })).toBe("python -m pkg.serve");
  });
});

test("a suite that fills in a dependency's host and port is valid; of anything else they are unknown", () => {
  const suite = (value: string) =>
    parseSuite(
      `version: 1\nservice: { command: node a.js, env: { A: "${value}" } }\ndependencies: { redis: { url: "tcp://127.0.0.1:6379" } }\nworkload: { requests: r.jsonl, rate: 20/s }\nexperiments: [{ name: k, faults: [{ kind: kill, on: service }] }]\n`,
      { file: "squall.yml" },
    ).ok;
  expect(suite("{{redis.host}}:{{ redis.port }}")).toBe(true);
  expect(suite("{{port.host}}")).toBe(false);
  expect(suite("{{redis.path}}")).toBe(false);
});
