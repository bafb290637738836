/** What `squall discover` refuses before it starts anything, and what it writes where. */
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Proposal } from "../../../src/config/discover/propose.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { type DiscoverArguments, discover } from "../../../src/surfaces/cli/discover.ts";
import { checkTarget, writeProposals } from "../../../src/surfaces/cli/discover-write.ts";

let directory = "";
const at = (name: string): string => path.join(directory, name);

const SUITE = `version: 1
service: { command: node nothing.mjs }
dependencies: { llm: { stub: openai } }
workload: { requests: requests.jsonl }
`;
const OWN = `experiments:
  # mine
  - name: llm-down
    faults: [{ kind: http-error, on: llm, status: 503 }]
`;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-discover-"));
  await writeFile(at("requests.jsonl"), '{"id":"q","method":"GET","path":"/"}\n');
  await writeFile(at("squall.yml"), SUITE);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const errorOf = async (work: Promise<unknown>): Promise<SquallError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

const proposal = (name: string, kind: string): Proposal => ({
  name,
  on: "llm",
  faults: [{ kind, on: "llm", fraction: "10%" }],
  score: 1,
  reasons: ["Because."],
});

describe("before anything is started", () => {
  test.each<[string, Partial<DiscoverArguments>, string]>([
    ["a missing suite", { file: "missing.yml" }, "The suite file cannot be read"],
    ["a broken suite", { file: "requests.jsonl" }, "problem"],
    ["a budget without a unit", { budget: "soon" }, "--budget soon is no time from 10s to 1h"],
    ["a budget too short for a question", { budget: "5s" }, "--budget 5s is no time"],
    ["no proposals at all", { most: "0" }, "--most 0 is not a whole number from 1 to 200"],
    ["a runtime that is none", { runtime: "moon" }, "Runtime moon is not part"],
    ["a seed that is none", { seed: "x" }, "--seed x is not a whole number"],
    ["a new suite in another directory", { write: "elsewhere/squall.yml" }, "in another directory"],
    ["a target that is no suite", { write: "requests.jsonl" }, "requests.jsonl is no valid suite"],
    ["a log that is not there", { log: ["missing.log"] }, "The log cannot be read"],
  ])("%s is refused as a wrong argument", async (_, wrong, says) => {
    const paths = Object.fromEntries(
      Object.entries(wrong).map(([key, value]) => {
        if (key === "file" || key === "write") return [key, at(String(value))];
        return [key, key === "log" ? [at("missing.log")] : value];
      }),
    );
    const error = await errorOf(
      discover({
        file: at("squall.yml"),
        out: at("out"),
        quiet: true,
        budget: "60s",
        most: "12",
        json: false,
        ...paths,
      }),
    );
    expect(error.message).toContain(says);
    expect(error.exitCode).toBe(2);
    expect(await readdir(directory)).not.toContain("out");
  });
});

describe("writing", () => {
  test("keeps what stands in the suite now, also what came while the service was watched", async () => {
    await writeFile(at("squall.yml"), SUITE + OWN);
    const written = await writeProposals(at("squall.yml"), at("squall.yml"), [
      proposal("llm-down", "blackhole"),
      { ...proposal("llm-fails", "http-error"), faults: [{ kind: "http-error", on: "llm", status: 503 }] },
    ]);
    expect(written).toEqual({ added: ["llm-down-2"], isNew: false });
    const text = await readFile(at("squall.yml"), "utf8");
    expect(text.startsWith(SUITE + OWN)).toBe(true);
    expect(text.slice((SUITE + OWN).length)).toBe(
      "  # Because.\n  - name: llm-down-2\n    faults: [{ kind: blackhole, on: llm, fraction: 10% }]\n",
    );
  });

  test("a new file is the whole suite; the old one stays", async () => {
    await checkTarget(at("more.yml"), at("squall.yml"));
    expect(
      await writeProposals(at("more.yml"), at("squall.yml"), [proposal("llm-hangs", "blackhole")]),
    ).toEqual({ added: ["llm-hangs"], isNew: true });
    expect((await readFile(at("more.yml"), "utf8")).startsWith(SUITE)).toBe(true);
    expect(await readFile(at("squall.yml"), "utf8")).toBe(SUITE);
  });

  test("a link stays a link, and no half-written file is left", async () => {
    await symlink(at("squall.yml"), at("link.yml"));
    await writeProposals(at("link.yml"), at("squall.yml"), [proposal("llm-hangs", "blackhole")]);
    expect((await lstat(at("link.yml"))).isSymbolicLink()).toBe(true);
    expect(await readFile(at("squall.yml"), "utf8")).toContain("llm-hangs");
    expect(await readdir(directory)).toEqual(["link.yml", "requests.jsonl", "squall.yml"]);
  });

  test("nothing new leaves the file untouched", async () => {
    await writeFile(at("squall.yml"), SUITE + OWN);
    const same = { ...proposal("x", "http-error"), faults: [{ kind: "http-error", on: "llm", status: 503 }] };
    expect(await writeProposals(at("squall.yml"), at("squall.yml"), [same])).toEqual({
      added: [],
      isNew: false,
    });
    expect(await readFile(at("squall.yml"), "utf8")).toBe(SUITE + OWN);
  });

  test("another suite without the dependency is left as it is", async () => {
    const other = SUITE.replace("llm", "model");
    await writeFile(at("other.yml"), other);
    const error = await errorOf(
      writeProposals(at("other.yml"), at("squall.yml"), [proposal("llm-hangs", "blackhole")]),
    );
    expect(error.code).toBe("suite-invalid");
    expect(await readFile(at("other.yml"), "utf8")).toBe(other);
  });
});
