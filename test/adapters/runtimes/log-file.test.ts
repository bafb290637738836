import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openLog } from "../../../src/adapters/runtimes/log-file.ts";
import { redactor } from "../../../src/adapters/runtimes/redactor.ts";

/** Writes the chunks as one process's output; returns the file's lines without their times, and the kept tail. */
const logged = async (
  chunks: readonly (string | Buffer)[],
  options: { readonly maxBytes?: number; readonly redact?: (line: string) => string } = {},
) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "squall-log-")), "logs", "service.log");
  const log = openLog(file, options.redact ?? ((line) => line), options.maxBytes);
  const stream = new PassThrough();
  const captured = log.capture(stream, "stdout");
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await captured;
  const tail = log.tail(20);
  await log.close();
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return { lines: lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, "")), tail };
};

test("lines that arrive in pieces are put together, a character cut in two as well, and the last needs no newline", async () => {
  const euro = Buffer.from("€");
  const { lines, tail } = await logged(["one\ntw", "o\r\n", euro.subarray(0, 1), euro.subarray(1), " left"]);
  expect(lines).toEqual(["stdout one", "stdout two", "stdout € left"]);
  expect(tail).toEqual(["one", "two", "€ left"]);
});

test("a full log says so once and drops the rest, while the last lines are still known", async () => {
  const { lines, tail } = await logged(
    Array.from({ length: 50 }, (_, index) => `line ${index}\n`),
    { maxBytes: 200 },
  );
  expect(lines.length).toBeLessThan(10);
  expect(lines.at(-1)).toBe("squall log limit of 200 bytes reached: the rest is dropped");
  expect(tail.at(-1)).toBe("line 49");
});

test("output without any newline is cut into pieces instead of filling the memory", async () => {
  const { lines } = await logged(Array.from({ length: 40 }, () => "x".repeat(10_000)));
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.map((line) => line.slice("stdout ".length)).join("")).toHaveLength(400_000);
});

test("values of secret-looking and of listed variables are struck out, ordinary ones stay; terminal codes leave the tail", async () => {
  const env = {
    OPENAI_API_KEY: "sk-abcdef",
    MONKEY: "see-no-evil",
    PIN_CODE: "12345678",
    DB_PASSWORD: "sk-abcdef-longer",
  };
  const redact = redactor(env, ["pin_code"]);
  const { lines, tail } = await logged(
    ["sk-abcdef sk-abcdef-longer see-no-evil 12345678\n", "\u001b[31mred\u001b[0m\n"],
    { redact },
  );
  expect(lines[0]).toBe("stdout [redacted] [redacted] see-no-evil [redacted]");
  expect(tail[1]).toBe("red");
});

test("whoever follows the output is told each line as it is, secrets struck out, also when the file is full", async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "squall-log-")), "service.log");
  const told: string[] = [];
  const log = openLog(file, redactor({ API_KEY: "hunter22" }, []), 60, (stream, text) =>
    told.push(`${stream} ${text}`),
  );
  const stream = new PassThrough();
  const captured = log.capture(stream, "stderr");
  log.note("started");
  stream.write("\u001B[32mkey hunter22\u001B[0m\r\nsec");
  stream.end("ond");
  await captured;
  await log.close();
  expect(told).toEqual(["stderr \u001B[32mkey [redacted]\u001B[0m", "stderr second"]);
});

test("whoever listens is told every whole line as it was written, redacted, of either stream, also behind the limit", async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "squall-log-")), "job.log");
  const told: string[] = [];
  const redact = redactor({ API_KEY: "sk-abcdef" }, []);
  const log = openLog(file, redact, 60, (stream, text) => void told.push(`${stream} ${text}`));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const captured = Promise.all([log.capture(stdout, "stdout"), log.capture(stderr, "stderr")]);
  log.note("a word of squall's own");
  stdout.write("\u001B[32mstep 1 sk-abcdef\u001B[0m\r\nstep ");
  stderr.end("warning\n");
  stdout.end("2\nlast");
  await captured;
  await log.close();
  expect(told.toSorted()).toEqual([
    "stderr warning",
    "stdout \u001B[32mstep 1 [redacted]\u001B[0m",
    "stdout last",
    "stdout step 2",
  ]);
});

test("a progress bar is told drawing by drawing, and a line end cut in two is one", async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "squall-log-")), "bar.log");
  const told: string[] = [];
  const log = openLog(
    file,
    (line) => line,
    undefined,
    (_, text) => void told.push(text),
  );
  const stream = new PassThrough();
  const captured = log.capture(stream, "stderr");
  stream.write("\r 1/3\r 2/3");
  stream.write("\r 3/3\r");
  stream.end("\nloss 0.5\n");
  await captured;
  await log.close();
  expect(told.filter((text) => text !== "")).toEqual([" 1/3", " 2/3", " 3/3", "loss 0.5"]);
});
