/** `squall discover` as a person uses it: a real service with one bare edge and one careful one, real probes, real files. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSuite } from "../../src/config/suite.ts";
import { type Answer, runIn, SOURCE } from "./support/tiny-project.ts";

let directory = "";
const squall = (...args: readonly string[]): Promise<Answer> => runIn(SOURCE, directory, args);
const read = (name: string): Promise<string> => readFile(path.join(directory, name), "utf8");

/** No experiments: a suite as it is before anybody thought of some. */
const SUITE = `version: 1
name: two-ways   # kept
service:
  command: node two-ways.mjs
  ready: /healthz
  env: { CAREFUL_URL: "{{careful}}", BARE_URL: "{{bare}}" }
dependencies:
  careful: { command: node two-ways.mjs answer }
  bare: { command: node two-ways.mjs answer }
  unused: { command: node two-ways.mjs answer }
workload:
  requests: requests.jsonl
  rate: 20/s
  degraded: { json: { path: degraded } }
  # Short, so that what hangs costs little.
  deadlines: { headers: 3s, firstContent: 3s, total: 4s }
`;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-discover-"));
  await cp(path.resolve(import.meta.dirname, "fixtures/two-ways.mjs"), path.join(directory, "two-ways.mjs"));
  const requests = Array.from({ length: 24 }, (_, index) =>
    JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=question+number+${index}+of+all` }),
  );
  await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
  await writeFile(path.join(directory, "squall.yml"), SUITE);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Found {
  readonly edges: readonly {
    readonly edge: string;
    readonly protection: { readonly retried: number; readonly bounded: number; readonly fallback: number };
  }[];
  readonly unreached: readonly string[];
  readonly logs: readonly unknown[];
  readonly proposals: readonly { readonly name: string; readonly on: string; readonly reasons: string[] }[];
}

describe("squall discover", () => {
  test("ranks the bare edge first, says why, and adds valid experiments to the suite without touching the rest", async () => {
    const answer = await squall("discover", "--budget", "5m", "--json", "--write", "squall.yml", "--quiet");
    expect(answer.stderr).toContain("added to squall.yml: 12 experiments: bare-");
    expect(answer.code).toBe(0);

    const found = JSON.parse(answer.stdout) as Found;
    expect(found.edges.map(({ edge }) => edge)).toEqual(["bare", "careful"]);
    expect(found.edges[0]?.protection).toMatchObject({ retried: 0, bounded: 0, fallback: 0 });
    expect(found.edges[1]?.protection).toMatchObject({ retried: 1, bounded: 1, fallback: 1 });
    expect(found.unreached).toEqual(["unused"]);
    expect(found.logs).toEqual([
      { log: "service", pattern: "connection-reset", lines: 3, naming: { bare: 3 } },
    ]);

    const first = found.proposals.slice(0, 4);
    expect(first.map(({ name }) => name).toSorted()).toEqual([
      "bare-down",
      "bare-fails-at-times",
      "bare-hangs",
      // What the log tells of.
      "bare-resets",
    ]);
    const reasons = first.flatMap((each) => each.reasons).join("\n");
    expect(reasons).toMatch(
      /100 % of requests call bare; (\d+) of \1 single failures \(503\) reached the client: nothing tries again/,
    );
    expect(reasons).toMatch(
      /(\d+) of \1 hanging calls lasted until the client gave up: no deadline is in force/,
    );
    expect(reasons).toMatch(/with it down (\d+) of \1 requests failed: there is no fallback/);
    expect(found.proposals.find(({ name }) => name === "bare-resets")?.reasons).toContain(
      "3 lines of service's log look like connection resets and name bare.",
    );
    expect(answer.stdout + answer.stderr).not.toContain("sk-never-shown");

    const written = await read("squall.yml");
    expect(written.startsWith(SUITE)).toBe(true);
    const parsed = parseSuite(written, { file: "squall.yml" });
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed.ok && parsed.suite.experiments.map(({ name }) => name)).toEqual(
      found.proposals.map(({ name }) => name),
    );
    expect((await readdir(directory)).filter((name) => name.endsWith(".part"))).toEqual([]);
    // Eight windows, some of which wait for the client's patience: on a busy machine that takes its time.
  }, 400_000);

  test("with too little time says what it did not ask, and prints the YAML", async () => {
    await writeFile(path.join(directory, "bare.yml"), SUITE);
    const answer = await squall(
      "discover",
      "--file",
      "bare.yml",
      "--budget",
      "10s",
      "--most",
      "2",
      "--write",
      "new.yml",
    );
    expect(answer.stdout).toContain("is not known: the time was used up (more: --budget)");
    expect(answer.stdout).toContain("No request called unused");
    expect(answer.stdout).toMatch(/\nexperiments:\n {2}# .+\n(?: {2}# .+\n)* {2}- name: /);
    expect(answer.stderr).toContain("wrote new.yml, the suite with 2 experiments");
    expect(answer.code).toBe(0);
    expect(await read("bare.yml")).toBe(SUITE);
    expect(parseSuite(await read("new.yml"), { file: "new.yml" })).toMatchObject({ ok: true });
  });

  test("a service that cannot start is told as such, with exit code 3", async () => {
    await writeFile(
      path.join(directory, "broken.yml"),
      SUITE.replace("node two-ways.mjs\n", "node nothing.mjs\n"),
    );
    const answer = await squall("discover", "--file", "broken.yml");
    expect(answer.stderr).toMatch(/\[service-(start-failed|not-ready)\]/);
    expect(answer.code).toBe(3);
  });
});
