import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { renderJson } from "../../../src/core/report/json.ts";
import { renderJunit } from "../../../src/core/report/junit.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
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

describe("reports read as their golden files", () => {
  for (const word of WORDS) {
    it.each(Object.keys(RENDERERS))(`${word}.%s`, (ending) => {
      const file = path.join(DIRECTORY, `${word}.${ending}`);
      const text = `${RENDERERS[ending]?.(resultFor(word)) ?? ""}\n`;
      if (UPDATE) {
        mkdirSync(DIRECTORY, { recursive: true });
        writeFileSync(file, text);
      }
      expect(text).toBe(readFileSync(file, "utf8"));
    });
  }
});
