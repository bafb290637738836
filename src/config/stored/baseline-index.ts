/** `index.json` of a suite on the data branch: which runs are stored, known without reading their samples. */
import { z } from "zod";
import { checkShape, checkVersion, parseJson, type StoredFile } from "./envelope.ts";
import { count, list, text } from "./primitives.ts";

/** More than any policy keeps. */
const MAX_RUNS = 1000;
const MAX_BYTES = 4 * 1024 * 1024;

const runSchema = z.strictObject({
  // Part of a path: nothing that could lead elsewhere.
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be a plain file name"),
  suiteHash: text,
  frameHash: text,
  commit: text.nullable(),
  startedAt: text,
});

export const baselineIndexSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal("squall-baseline-index"),
  suite: text,
  /** Runs that the last writer's policy pools. */
  keep: z.int().min(1),
  /** Runs ever added. */
  writes: count,
  /** In the order in which they were added. */
  runs: list(runSchema, MAX_RUNS).refine(
    (runs) => new Set(runs.map(({ id }) => id)).size === runs.length,
    "must not name a run twice",
  ),
});

export type BaselineIndex = z.output<typeof baselineIndexSchema>;

/** Indented, a run over several lines: a person may look at it, and git shows what came and went. */
export const encodeIndex = (index: BaselineIndex): Buffer =>
  Buffer.from(`${JSON.stringify(index, null, 2)}\n`, "utf8");

/** @throws SquallError `baseline-invalid` with the file, what is wrong with it, and what to do */
export const decodeIndex = (
  content: Buffer,
  options: { readonly file: string; readonly remedy: string },
): BaselineIndex => {
  const file: StoredFile = { ...options, code: "baseline-invalid", what: "baseline index" };
  const value = parseJson(content.length > MAX_BYTES ? "" : content.toString("utf8"), file);
  checkVersion(value, file, 1);
  return checkShape(baselineIndexSchema, value, file);
};
