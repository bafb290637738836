/** `.squall/<run>/`: everything a run leaves behind, written before anything is shown. */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { suiteFileName } from "../../adapters/baselines/packed-baseline.ts";
import { decodeProfile, encodeProfile } from "../../config/baseline-file.ts";
import { parseResult } from "../../config/result-file.ts";
import type { Calibration } from "../../core/calibration/calibrate.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import type { ReportFiles } from "../../core/report/files.ts";
import { renderJson } from "../../core/report/json.ts";
import { renderJunit } from "../../core/report/junit.ts";
import { renderMarkdown } from "../../core/report/markdown.ts";
import type { PageInput } from "../../core/report/page/input.ts";
import { renderPostmortem } from "../../core/report/postmortem/postmortem.ts";
import type { Result } from "../../core/verdict.ts";

const SAMPLES = "samples.json.gz";
const RESULT = "result.json";
/** The report that people look at. */
const PAGE = "report.html";

/** Our own directory only: one that someone else chose may hold what they keep. */
const keepOutOfGit = async (out: string): Promise<void> => {
  if (path.basename(path.resolve(out)) !== ".squall") return;
  await writeFile(
    path.join(out, ".gitignore"),
    "# Written by squall: runs and local baselines are not the repository's.\n*\n",
    { flag: "wx" },
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
};

/** `2026-11-24T10-15-00-answers`: sorts by time. */
export const newRunDirectory = async (out: string, suite: string): Promise<string> => {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const name = suite.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 60);
  for (let attempt = 1; ; attempt++) {
    const directory = path.join(out, `${stamp}-${name}${attempt === 1 ? "" : `-${attempt}`}`);
    await mkdir(out, { recursive: true });
    await keepOutOfGit(out);
    try {
      await mkdir(directory);
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 100) throw error;
    }
  }
};

/** A half-written file is never seen under its name. */
const writeWhole = async (file: string, content: string | Uint8Array): Promise<void> => {
  try {
    await writeFile(`${file}.part`, content);
    await rename(`${file}.part`, file);
  } catch (cause) {
    throw new SquallError("write-failed", `${file} could not be written: ${(cause as Error).message}.`, {
      remedy: "Free some space or choose another directory with --out.",
      cause,
    });
  }
};

export const writeSamples = async (directory: string, profile: Profile): Promise<void> =>
  writeWhole(path.join(directory, SAMPLES), encodeProfile(profile));

/**
 * @param samples what the page's charts are drawn of
 * @returns where the page is, and the post-mortem, where anything failed
 */
export const writeReports = async (
  directory: string,
  result: Result,
  samples: Omit<PageInput, "result">,
): Promise<Required<Pick<ReportFiles, "page">> & ReportFiles> => {
  await writeWhole(path.join(directory, RESULT), renderJson(result));
  await writeWhole(path.join(directory, "report.md"), renderMarkdown(result));
  await writeWhole(path.join(directory, "junit.xml"), renderJunit(result));
  // Drawing is a megabyte of code that nothing else needs.
  const { renderPage } = await import("../../core/report/page/page.ts");
  const page = path.join(directory, PAGE);
  await writeWhole(page, renderPage({ result, ...samples }));
  const told = renderPostmortem(result);
  if (told === null) return { page };
  const postmortem = path.join(directory, "postmortem.md");
  await writeWhole(postmortem, told);
  return { page, postmortem };
};

/** Beside the baseline, which it tells the worth of. @returns the file */
export const writeCalibration = async (directory: string, calibration: Calibration): Promise<string> => {
  const file = path.join(directory, `${suiteFileName(calibration.suite)}.calibration.json`);
  await mkdir(directory, { recursive: true });
  await writeWhole(file, `${JSON.stringify(calibration, null, 2)}\n`);
  return file;
};

const readRunFile = async (directory: string, name: string): Promise<Buffer> => {
  const file = path.join(directory, name);
  try {
    return await readFile(file);
  } catch (cause) {
    throw new SquallError(
      "argument-invalid",
      `${directory} holds no finished run: ${(cause as Error).message}.`,
      {
        place: file,
        remedy: "Name a directory that `squall run` wrote, such as one under .squall/.",
        cause,
      },
    );
  }
};

export const readSamples = async (directory: string): Promise<Profile> =>
  decodeProfile(await readRunFile(directory, SAMPLES), { file: path.join(directory, SAMPLES) });

export const readResult = async (directory: string): Promise<Result> =>
  parseResult((await readRunFile(directory, RESULT)).toString("utf8"), {
    file: path.join(directory, RESULT),
  });

/** As it was written; where there is none (an older version wrote the run), made of the run alone: its baseline is not beside it. */
export const readPage = async (directory: string): Promise<string> => {
  const written = await readFile(path.join(directory, PAGE), "utf8").catch(() => null);
  if (written !== null) return written;
  const { renderPage } = await import("../../core/report/page/page.ts");
  const result = await readResult(directory);
  return renderPage({ result, head: await readSamples(directory).catch(() => null), baselines: [] });
};

/** The newest directory under `out` that holds a result. */
export const newestRun = async (out: string): Promise<string> => {
  const names = await readdir(out).catch(() => []);
  for (const name of names
    .filter((each) => /^\d{4}-/.test(each))
    .toSorted()
    .toReversed()) {
    const directory = path.join(out, name);
    if ((await readdir(directory).catch((): string[] => [])).includes(RESULT)) return directory;
  }
  throw new SquallError("argument-invalid", `No finished run is under ${out}.`, {
    remedy: "Run `squall run` first.",
  });
};
