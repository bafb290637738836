/**
 * The page in a real browser: it loads nothing and runs nothing, is read by keyboard, by screen readers (axe-core), on a phone and
 * on paper; and no name becomes markup.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderPage } from "../../src/core/report/page/page.ts";
import { withTexts } from "../core/report/hostile.ts";
import { CASES, SCHEMES, WIDTHS } from "./cases.ts";
import { launchChromium } from "./chromium.ts";
import {
  clipped,
  dangerousAttributes,
  deadLinks,
  focused,
  hasRun,
  headingLevels,
  overflow,
  provoke,
  tagCounts,
  toReach,
  unfoldAll,
} from "./in-page.ts";

let browser: Browser;
let directory: string;

beforeAll(async () => {
  browser = await launchChromium();
  directory = await mkdtemp(path.join(tmpdir(), "squall-page-"));
  await Promise.all(CASES.map(({ name, input }) => writeFile(fileOf(name), renderPage(input()))));
});

afterAll(async () => {
  await browser.close();
  await rm(directory, { recursive: true, force: true });
});

const fileOf = (name: string): string => path.join(directory, `${name}.html`);

/** A page, and all that went wrong in it. */
interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors, whatever the console says, dialogs, requests beyond the file. */
  readonly troubles: string[];
  /** Loads another. */
  readonly open: (name: string) => Promise<void>;
}

const opened = async (options: BrowserContextOptions): Promise<Opened> => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  let own = "";
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", ({ message }) => troubles.push(`error: ${message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", () => troubles.push("popup"));
  await context.route("**/*", async (route) => {
    if (route.request().url() === own) return route.continue();
    troubles.push(`request: ${route.request().url()}`);
    return route.abort();
  });
  return {
    page,
    context,
    troubles,
    open: async (name) => {
      own = pathToFileURL(fileOf(name)).href;
      await page.goto(own);
    },
    [Symbol.asyncDispose]: async () => context.close(),
  };
};

const VIEWS = Object.entries(WIDTHS).flatMap(([size, viewport]) =>
  SCHEMES.map((colorScheme) => ({ view: `${size}, ${colorScheme}`, viewport, colorScheme })),
);
const NAMES = CASES.map(({ name }) => name);

interface AxeRun {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

describe.each(VIEWS)("at $view", ({ viewport, colorScheme }) => {
  test("is silent, fits its width, and its links and headings are in order", async () => {
    await using view = await opened({ viewport, colorScheme });
    for (const name of NAMES) {
      await view.open(name);
      expect([name, await view.page.evaluate(overflow)]).toEqual([name, []]);
      expect([name, await view.page.evaluate(deadLinks)]).toEqual([name, []]);
      const levels = await view.page.evaluate(headingLevels);
      expect([name, levels.filter((level) => level === 1)]).toEqual([name, [1]]);
      for (const [place, level] of levels.entries())
        expect([name, place, level <= (levels[place - 1] ?? 0) + 1]).toEqual([name, place, true]);
    }
    expect(view.troubles).toEqual([]);
  });
});

const axeFinds = async (name: string, options: BrowserContextOptions): Promise<readonly string[]> => {
  // The page's policy would refuse axe itself.
  await using view = await opened({ ...options, bypassCSP: true });
  await view.open(name);
  await view.page.addScriptTag({ content: axe.source });
  // What is folded away is read too.
  await view.page.evaluate(unfoldAll);
  const { violations } = await view.page.evaluate(
    (values): Promise<AxeRun> =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeRun> } }).axe.run({
        runOnly: { type: "tag", values },
        resultTypes: ["violations"],
      }),
    RULES,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
};

describe("axe finds nothing to object to", () => {
  // Width and scheme each on every page; where pages differ most, every pair of the two.
  const crossed = new Set(["regressed", "inconclusive", "sampled"]);
  test.each(NAMES)("in %s", async (name) => {
    const views = VIEWS.filter(
      ({ view }) => crossed.has(name) || view === "desk, light" || view === "phone, dark",
    );
    for (const { view, viewport, colorScheme } of views)
      expect([view, await axeFinds(name, { viewport, colorScheme })]).toEqual([view, []]);
  });
});

describe("the page's policy", () => {
  test("lets nothing run and nothing load, even where something stands in the page that would", async () => {
    await using view = await opened({ viewport: WIDTHS.desk });
    await view.open("regressed");
    expect(await view.page.evaluate(provoke)).toEqual([
      "connect-src",
      "frame-src",
      "img-src",
      "script-src-elem",
    ]);
    expect(await view.page.evaluate(hasRun)).toBe(false);
    expect(view.troubles.filter((trouble) => trouble.startsWith("request"))).toEqual([]);
  });
});

describe("by keyboard", () => {
  test.each([
    ["regressed", "phone"],
    ["sampled", "phone"],
    ["sampled", "desk"],
    ["crowded", "desk"],
    ["job-sampled", "phone"],
  ] as const)("Tab reaches all of %s on a %s, and is seen", async (name, size) => {
    await using view = await opened({ viewport: WIDTHS[size] });
    await view.open(name);
    const { page } = view;
    const reached = new Set<string>();
    /** Folds that Enter does not open. */
    const stuck: string[] = [];
    for (;;) {
      await page.keyboard.press("Tab");
      const now = await page.evaluate(focused);
      if (now.element === "" || reached.has(now.element)) break;
      expect([now.element, now.outline]).toEqual([now.element, "solid 3px"]);
      reached.add(now.element);
      if (now.isClosedFold) {
        await page.keyboard.press("Enter");
        if ((await page.evaluate(focused)).isClosedFold) stuck.push(now.element);
      }
    }
    // Asked at the end, with every fold open: what is in them is to be reached too.
    const missed = (await page.evaluate(toReach)).filter((each) => !reached.has(each));
    expect(missed).toEqual([]);
    expect(stuck).toEqual([]);
    expect(reached.size).toBeGreaterThan(5);
  });
});

describe("on paper", () => {
  test.each([
    ["pass", 4],
    ["regressed", 5],
    ["sampled", 9],
    ["job-sampled", 9],
    ["crowded", 14],
  ] as const)("%s clips nothing and takes at most %i pages", async (name, most) => {
    // A4 with margins of 1 cm, at 96 pixels an inch.
    await using view = await opened({ viewport: { width: 718, height: 1046 } });
    await view.open(name);
    await view.page.emulateMedia({ media: "print" });
    expect(await view.page.evaluate(clipped)).toEqual([]);
    expect(await view.page.evaluate(overflow)).toEqual([]);
    const pdf = await view.page.pdf({
      format: "A4",
      margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" },
    });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThanOrEqual(1);
    expect(pages).toBeLessThanOrEqual(most);
  });
});

const HOSTILE = [
  "<script>window.ran = true; alert(1)</script>",
  '"><img src=x onerror="window.ran = true">',
  "</style></title><svg onload='window.ran = true'>",
  "javascript:window.ran=true",
  "' onmouseover='window.ran = true' x='",
  "--></textarea></table><iframe srcdoc='<script>parent.ran = true</script>'>",
  "&lt;b&gt; &#60;b&#62; \u202Eevil\u2066\u200B\u0000 <b",
] as const;

describe("hostile names", () => {
  test.each(HOSTILE)("%j runs nothing, and adds and takes no element", async (text) => {
    await using view = await opened({ viewport: WIDTHS.desk });
    for (const word of ["regressed", "invalid", "gate-regressed", "job-regressed"]) {
      const result = CASES.find(({ name }) => name === word)?.input().result;
      if (result === undefined) throw new Error(`no case ${word}`);
      const written = async (name: string, make: (index: number) => string): Promise<void> =>
        writeFile(fileOf(name), renderPage({ result: withTexts(result, make), head: null, baselines: [] }));
      await written("plain-twin", (index) => `name${index}`);
      await written("hostile", (index) => `${text}${index}`);
      await view.open("plain-twin");
      const plain = await view.page.evaluate(tagCounts);
      await view.open("hostile");
      expect([word, await view.page.evaluate(tagCounts)]).toEqual([word, plain]);
      expect(await view.page.evaluate(dangerousAttributes)).toEqual([]);
      expect(await view.page.evaluate(hasRun)).toBe(false);
    }
    expect(view.troubles).toEqual([]);
  });
});
