/** The way in and out of gzip JSON files, safe against what a stranger may have written into one. */
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { SquallError, type SquallErrorCode } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";

/** Eight pooled runs of 60,000 requests are a tenth of this. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
export const MAX_PACKED_BYTES = 64 * 1024 * 1024;

/** Where a stored file came from, for messages, and what to do about a broken one. */
export interface StoredFile {
  readonly file: string;
  readonly code: SquallErrorCode;
  /** "baseline", "samples", "result". */
  readonly what: string;
  /** What to do when the file is of no use. */
  readonly remedy: string;
}

export const brokenFile = (stored: StoredFile, problem: string, cause?: unknown): SquallError =>
  new SquallError(stored.code, `${stored.file} is not a usable ${stored.what} file: ${problem}`, {
    place: stored.file,
    remedy: stored.remedy,
    cause,
  });

/** gzip of the JSON; the header carries no time, so that equal contents give equal bytes. */
export const pack = (value: unknown): Buffer => gzipSync(JSON.stringify(value), { level: 6 });

export const unpack = (
  buffer: Buffer,
  stored: StoredFile,
  maxBytes: number = MAX_UNPACKED_BYTES,
): unknown => {
  if (buffer.length === 0) throw brokenFile(stored, "it is empty");
  if (buffer.length > MAX_PACKED_BYTES) {
    throw brokenFile(stored, `it is ${buffer.length} bytes; at most ${MAX_PACKED_BYTES} are read`);
  }
  let unpacked: Buffer;
  try {
    unpacked = gunzipSync(buffer, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw brokenFile(stored, `it unpacks to more than ${maxBytes} bytes`, error);
    }
    const problem = code === "Z_BUF_ERROR" ? "it is cut short" : "it is not gzip, or damaged";
    throw brokenFile(stored, problem, error);
  }
  return parseJson(unpacked.toString("utf8"), stored);
};

export const parseJson = (json: string, stored: StoredFile): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    throw brokenFile(stored, "it holds no JSON", error);
  }
};

/** Checked before all else: a file of another version gets a remedy, not a list of unknown keys. */
export const checkVersion = (value: unknown, stored: StoredFile, known: number): void => {
  const version: unknown =
    typeof value === "object" && value !== null && Object.hasOwn(value, "schemaVersion")
      ? (value as { schemaVersion: unknown }).schemaVersion
      : undefined;
  if (version === known) return;
  if (typeof version === "number" && version > known) {
    throw new SquallError(
      stored.code,
      `${stored.file} was written by a newer squall (format ${version}; this one reads ${known})`,
      { place: stored.file, remedy: `Use the squall that wrote it, or newer. ${stored.remedy}` },
    );
  }
  throw brokenFile(stored, "it does not say that it is format 1");
};

/** More problems than a person reads. */
const LISTED = 20;

/** The value as the schema's type, or every problem with its path. */
export const checkShape = <S extends z.ZodType>(
  schema: S,
  value: unknown,
  stored: StoredFile,
): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const lines = issues
    .slice(0, LISTED)
    .map((issue) => plainText(`${z.core.toDotPath(issue.path) || "(file)"}: ${issue.message}`, 200));
  throw new SquallError(stored.code, `${stored.file} is not a usable ${stored.what} file`, {
    place: stored.file,
    remedy: stored.remedy,
    detail: issues.length > LISTED ? [...lines, `and ${issues.length - LISTED} more`] : lines,
  });
};
