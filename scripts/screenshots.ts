/**
 * Pictures of the page: every verdict kind at phone and desk width, light and dark. Needs a Chromium.
 *
 *     node scripts/screenshots.ts [directory] [case]
 *
 * Each is the whole page; `-first` is what is seen at desk width before any scrolling.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { renderPage } from "../src/core/report/page/page.ts";
import { CASES, SCHEMES, WIDTHS } from "../test/browser/cases.ts";
import { launchChromium } from "../test/browser/chromium.ts";

const [directory = "screenshots", only] = process.argv.slice(2);
await mkdir(directory, { recursive: true });
await using browser = await launchChromium();
for (const colorScheme of SCHEMES)
  for (const [size, viewport] of Object.entries(WIDTHS)) {
    await using context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    for (const { name, input } of CASES) {
      if (only !== undefined && name !== only) continue;
      await page.setContent(renderPage(input()));
      const file = (ending: string): string =>
        path.join(directory, `${name}-${size}-${colorScheme}${ending}.png`);
      if (size === "desk") await page.screenshot({ path: file("-first") });
      await page.screenshot({ path: file(""), fullPage: true });
    }
  }
process.stdout.write(`${directory}\n`);
