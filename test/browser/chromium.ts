/** A Chromium of this machine, for tests and pictures of the page: none is downloaded. */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import { SquallError } from "../../src/core/errors.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;

/** Where macOS keeps applications, which are on no PATH. */
const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
] as const;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * CHROMIUM where it is set, else the first of the usual names on PATH, else an application of macOS.
 *
 * @throws SquallError that says how to get one
 */
export const chromiumPath = (environment: NodeJS.ProcessEnv = process.env): string => {
  const given = environment["CHROMIUM"] ?? "";
  const directories = (environment["PATH"] ?? "").split(path.delimiter).filter((each) => each !== "");
  const candidates =
    given !== ""
      ? [given]
      : [...NAMES.flatMap((name) => directories.map((each) => path.join(each, name))), ...APPLICATIONS];
  const found = candidates.find(isExecutable);
  if (found === undefined)
    throw new SquallError(
      "argument-invalid",
      given === "" ? "There is no Chromium to look at the page with." : `CHROMIUM is no program: ${given}.`,
      { remedy: "Install one (apt-get install chromium), or set CHROMIUM to where one is." },
    );
  return found;
};

/** Chromium refuses to run its sandbox as root, which is who containers run as. */
export const launchChromium = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
