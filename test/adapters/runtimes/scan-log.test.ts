import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scanLog } from "../../../src/adapters/runtimes/scan-log.ts";
import { SquallError } from "../../../src/core/errors.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-scan-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const written = async (content: string | Uint8Array): Promise<string> => {
  const file = path.join(directory, "log");
  await writeFile(file, content);
  return file;
};

const MIB = 1024 * 1024;

test("lines are counted across the pieces in which the file is read, the last one without an end too", async () => {
  const file = await written(`${"a fine line\nECONNRESET of llm\n".repeat(20_000)}ECONNRESET of llm`);
  expect(await scanLog(file, "service", ["llm"])).toEqual({
    findings: [{ log: "service", pattern: "connection-reset", lines: 20_001, naming: { llm: 20_001 } }],
    whole: true,
  });
});

test("a line of 40 MiB is one line, looked at by its beginning", async () => {
  const long = "x".repeat(20 * MIB);
  const file = await written(`ECONNRESET ${long}\n${long} ECONNREFUSED\nENOSPC\n`);
  const { findings } = await scanLog(file, "service", []);
  expect(findings.map(({ pattern, lines }) => [pattern, lines])).toEqual([
    ["connection-reset", 1],
    ["disk-full", 1],
  ]);
});

test("bytes that are no text, and texts made to be slow to search, are read like any other", async () => {
  const noise = Buffer.alloc(2 * MIB, Uint8Array.of(0xff, 0x00, 0xfe, 0x0a));
  const almost = "status 50status 50timed outtimed ou".repeat(20_000);
  const file = await written(Buffer.concat([noise, Buffer.from(`\n${almost}\nECONNRESET\n`)]));
  const { findings } = await scanLog(file, "service", ["s".repeat(64)]);
  expect(findings.map(({ pattern }) => pattern)).toEqual(["timeout", "connection-reset"]);
});

test("beyond the limit nothing is read, and that is said", async () => {
  const file = await written(`ECONNRESET\n${"x\n".repeat(100)}ECONNREFUSED\n`);
  const scan = await scanLog(file, "service", [], 50);
  expect(scan).toMatchObject({ whole: false, findings: [{ pattern: "connection-reset" }] });
  expect(scan.findings).toHaveLength(1);
});

test.each(["missing", "."])("%s cannot be read, and says so", async (name) => {
  await expect(scanLog(path.join(directory, name), "service", [])).rejects.toThrow(SquallError);
});
