import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FAULT_KINDS } from "../../src/core/fault-catalogue.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("schema and pages are those that the sources generate", () => {
  expect(
    execFileSync(process.execPath, ["scripts/generate.ts", "--check"], { cwd: root, encoding: "utf8" }),
  ).toContain("up to date");
});

test("every fault kind has its chapter", () => {
  const page = readFileSync(`${root}/docs/faults.md`, "utf8");
  expect(FAULT_KINDS.filter((kind) => !page.includes(`### \`${kind}\``))).toEqual([]);
});
