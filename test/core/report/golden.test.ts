import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { annotationsOf } from "../../../src/core/report/annotations.ts";
import { checkTexts } from "../../../src/core/report/check.ts";
import { renderJobSummary } from "../../../src/core/report/job-summary.ts";
import { renderJson } from "../../../src/core/report/json.ts";
import { renderJunit } from "../../../src/core/report/junit.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderPostmortem } from "../../../src/core/report/postmortem/postmortem.ts";
import { statusDescription } from "../../../src/core/report/status.ts";
import { headlineOf } from "../../../src/core/report/summary.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { GATED } from "./gated.ts";
import { JOB_RESULTS } from "./job-results.ts";
import { FAILED } from "./postmortem/failed-results.ts";
import { resultFor, WORDS } from "./results.ts";

/** `UPDATE_GOLDEN=1 npm test` writes the files anew; look at the difference before committing it. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";
const DIRECTORY = path.join(import.meta.dirname, "../../golden/report");

const RENDERERS: Readonly<Record<string, (result: Result) => string>> = {
  txt: (result) => renderTerminal(result, { color: false, width: 120 }),
  md: (result) => renderMarkdown(result),
  xml: renderJunit,
  json: renderJson,
};

/** The file as it is kept, and what it should be. */
const kept = (name: string, rendered: string): readonly [string, string] => {
  const file = path.join(DIRECTORY, name);
  const text = `${rendered.trimEnd()}\n`;
  if (UPDATE) {
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(file, text);
  }
  return [text, readFileSync(file, "utf8")];
};

describe("reports read as their golden files", () => {
  for (const word of WORDS) {
    it.each(Object.keys(RENDERERS))(`${word}.%s`, (ending) => {
      const [text, golden] = kept(`${word}.${ending}`, RENDERERS[ending]?.(resultFor(word)) ?? "");
      expect(text).toBe(golden);
    });
  }
});

describe("the job summary reads as its golden file", () => {
  it("with its diagrams", () => {
    const explained = FAILED["postmortem-explained"];
    if (explained === undefined) throw new Error("no such result in the fixture");
    const [text, golden] = kept("job-summary.md", renderJobSummary(explained()));
    expect(text).toBe(golden);
  });
});

describe("reports on a training job read as their golden files", () => {
  for (const [name, result] of Object.entries(JOB_RESULTS)) {
    it.each(Object.keys(RENDERERS))(`${name}.%s`, (ending) => {
      const [text, golden] = kept(`${name}.${ending}`, RENDERERS[ending]?.(result()) ?? "");
      expect(text).toBe(golden);
    });
  }

  it("tell of runs and steps, never of traffic", () => {
    for (const [name, result] of Object.entries(JOB_RESULTS)) {
      const texts = [
        renderTerminal(result(), { color: false, width: 120 }),
        posted(result()),
        renderJobSummary(result()),
        renderPostmortem(result()) ?? "",
      ].join("\n");
      // What a dependency is called for is a call; a job's expectations and findings tell of none here.
      const wrong = texts.match(/\b(?:requests?|traffic|calls?|answers?|answered|service died)\b/gi) ?? [];
      expect([name, wrong]).toEqual([name, []]);
    }
  });
});

const OPTIONS = {
  acceptLabel: "squall-accept",
  links: { run: "https://github.example/acme/shop/actions/runs/12" },
  notices: ["The check was not posted: 403. Add to the job: permissions: { checks: write }."],
};

/** All that a gate posts, one below the other. */
const posted = (result: Result): string => {
  const { title, summary, text } = checkTexts(result, OPTIONS);
  const annotations = annotationsOf(result, new Map([["llm-rate-limited", { line: 7 }]]), {
    path: "squall.yml",
    failures: 10,
    warnings: 10,
  });
  return [
    ["comment", renderMarkdown(result, { ...OPTIONS, marker: { reportedAt: 1_772_366_400 } })],
    ["status", statusDescription(result)],
    ["annotations", annotations.map((each) => JSON.stringify(each)).join("\n")],
    ["check: title", title],
    ["check: summary", summary],
    ["check: text", text],
  ]
    .map(([name, content]) => `=== ${name}\n${content}`)
    .join("\n\n");
};

describe("what a gate posts reads as its golden files", () => {
  it.each(Object.entries(GATED))("%s", (name, result) => {
    const [text, golden] = kept(`${name}.txt`, posted(result()));
    expect(text).toBe(golden);
  });

  it("says the headline in the same words everywhere", () => {
    for (const result of Object.values(GATED)) {
      const headline = headlineOf(result());
      expect(checkTexts(result()).title).toBe(headline);
      expect(statusDescription(result())).toBe(headline);
      expect(renderTerminal(result(), { color: false, width: 160 })).toContain(headline);
      expect(renderJobSummary(result())).toContain(headline.split(":")[0]);
    }
  });
});
