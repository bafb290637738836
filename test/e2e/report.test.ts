/** `squall report` as a command: each format says what its renderer does, for the run that is named and for the newest. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseResult } from "../../src/config/result-file.ts";
import { renderJson } from "../../src/core/report/json.ts";
import { renderJunit } from "../../src/core/report/junit.ts";
import { renderMarkdown } from "../../src/core/report/markdown.ts";
import { renderTerminal } from "../../src/core/report/terminal.ts";
import type { Result } from "../../src/core/verdict.ts";
import { resultFor } from "../core/report/results.ts";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const OLD = ".squall/2026-03-01T12-00-00-answers";
const NEW = ".squall/2026-03-02T12-00-00-answers";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-report-"));
  for (const [run, result] of [
    [OLD, resultFor("pass")],
    [NEW, resultFor("regressed")],
  ] as const) {
    await mkdir(path.join(directory, run), { recursive: true });
    await writeFile(path.join(directory, run, "result.json"), renderJson(result));
  }
  // A run that was cut short has no result, and is not the newest finished one.
  await mkdir(path.join(directory, ".squall/2026-03-03T12-00-00-answers/logs"), { recursive: true });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** As the command reads it: the same, but for the order of some keys. */
const stored = (result: Result): Result => parseResult(renderJson(result), { file: "result.json" });

const report = (...args: readonly string[]) => runIn(SOURCE, directory, ["report", ...args]);

const FORMATS: Readonly<Record<string, (result: Result) => string>> = {
  terminal: (result) => renderTerminal(result, { color: false, width: 100 }),
  json: renderJson,
  junit: renderJunit,
  markdown: (result) => renderMarkdown(result),
};

test.each(Object.keys(FORMATS))("--format %s", async (format) => {
  const render = FORMATS[format] ?? String;
  const newest = await report("--format", format);
  expect(newest).toEqual({ code: 0, stderr: "", stdout: `${render(stored(resultFor("regressed")))}\n` });
  const named = await report(OLD, "--format", format);
  expect(named).toEqual({ code: 0, stderr: "", stdout: `${render(stored(resultFor("pass")))}\n` });
});

test("the terminal's is what is printed where no format is named", async () => {
  expect((await report()).stdout).toBe((await report("--format", "terminal")).stdout);
});

test("a format that is none is refused with those there are", async () => {
  const answer = await report("--format", "pdf");
  expect(answer.code).not.toBe(0);
  expect(answer.stderr).toContain("terminal, markdown, json, junit, postmortem, html");
});

test("the page is printed as it was written; where an older version wrote none, it is made of what is there", async () => {
  const made = await report("--format", "html");
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^<!doctype html>.*<h1>/s);
  await writeFile(path.join(directory, NEW, "report.html"), "<!doctype html>as written");
  expect((await report("--format", "html")).stdout).toBe("<!doctype html>as written");
});

test("a result that is broken is told so, with what to do", async () => {
  await mkdir(path.join(directory, "broken"));
  await writeFile(path.join(directory, "broken/result.json"), '{"schemaVersion":1}');
  const answer = await report("broken");
  expect(answer.code).toBe(2);
  expect(answer.stderr).toContain("broken/result.json");
  expect(answer.stderr).toContain("squall compare");
});
