/** Findings beside the lines of the suite file that ask for them. */
import { readFile } from "node:fs/promises";
import * as core from "@actions/core";
import { experimentPlaces } from "../../../config/experiment-places.ts";
import { type Annotation, annotationsOf } from "../../../core/report/annotations.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";

/** A step shows so many of each level. */
const MOST = { failures: 10, warnings: 10 } as const;

export const readAnnotations = async (
  { suiteFile, suitePath }: Session,
  result: Result,
  most: { readonly failures: number; readonly warnings: number } = MOST,
): Promise<readonly Annotation[]> => {
  const text = await readFile(suiteFile, "utf8").catch(() => "");
  return annotationsOf(result, experimentPlaces(text), { path: suitePath, ...most });
};

export const annotate = async (session: Session, result: Result): Promise<void> => {
  for (const { level, title, message, path, line } of await readAnnotations(session, result)) {
    const properties = { title, file: path, startLine: line };
    if (level === "failure") core.error(message, properties);
    else if (level === "warning") core.warning(message, properties);
    else core.notice(message, properties);
  }
};
