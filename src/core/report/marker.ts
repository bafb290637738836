/**
 * The hidden last line by which a comment is known as ours: whose suite, which commit, which run of the CI, when this commit
 * was first reported on, and what blocked it then.
 */
import { acceptableIds } from "../gate/acceptable.ts";
import { subSeed } from "../random.ts";
import type { Result } from "../verdict.ts";

export interface ReportMarker {
  /** The suite's name as `suiteMark` writes it. */
  readonly suite: string;
  /** Commit reported on: for a pull request its own head. */
  readonly head: string;
  readonly seed: number;
  /** The CI's number of the run, and of the attempt at it; 0: none was known. */
  readonly run: number;
  readonly attempt: number;
  /** Seconds since the epoch at which this head was first reported on. */
  readonly reportedAt: number;
  /** Ids of the findings that can be accepted (`findingId`), as they are: those that block, then weakened gates; at most 40. */
  readonly findings: readonly string[];
}

const LONGEST = 200;
const MOST_FINDINGS = 40;
/** A marker stays below it. */
const MOST_BYTES = 4096;

/** Letters, digits, dots and underscores stay; the rest is percent-encoded, hyphens too: "-->" must not come about. */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[-!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Null: percent signs that encode nothing. */
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

/** At most 200 characters and a hash: a cut text keeps its identity by the hash of the whole. */
const mark = (text: string): string => {
  const safe = encoded(text.slice(0, 2000));
  return safe.length <= LONGEST && text.length <= 2000
    ? safe
    : `${safe.slice(0, LONGEST).replace(/%.?$/, "")}.${(subSeed(0, text) >>> 0).toString(16)}`;
};

/** A suite's name as it stands in the marker; equal names give equal texts. */
export const suiteMark = (suite: string): string => mark(suite);

export const writeMarker = (marker: ReportMarker): string => {
  const { suite, head, seed, run, attempt, reportedAt, findings } = marker;
  return `<!-- squall-report suite=${suite} head=${head} seed=${seed} run=${run} attempt=${attempt} at=${reportedAt} findings=${findings.map(encoded).join(",")} -->`;
};

/** Ids in their order for as long as the marker stays below the limit. What is left out cannot be accepted by a label. */
const fitting = (marker: ReportMarker, most: number): readonly string[] => {
  const kept: string[] = [];
  // Every character of a marker is one byte.
  let room = most - 1 - writeMarker({ ...marker, findings: [] }).length;
  for (const id of marker.findings.slice(0, MOST_FINDINGS)) {
    room -= encoded(id).length + 1;
    if (room < 0) break;
    kept.push(id.toWellFormed());
  }
  return kept;
};

export interface MarkerInput {
  /** Seconds since the epoch at which this head was first reported on. */
  readonly reportedAt: number;
  /** Bytes the marker stays below, at least 1,024; absent: 4,096. */
  readonly maxBytes?: number;
}

export const markerOf = (result: Result, { reportedAt, maxBytes }: MarkerInput): ReportMarker => {
  const change = result.gate?.change;
  const marker: ReportMarker = {
    suite: suiteMark(result.suite),
    head: mark(change?.headSha ?? result.head.provenance.commit ?? ""),
    seed: result.seed,
    run: change?.run.id ?? 0,
    attempt: change?.run.attempt ?? 0,
    reportedAt: Math.max(0, Math.trunc(reportedAt)),
    findings: acceptableIds(result.verdict),
  };
  return { ...marker, findings: fitting(marker, Math.min(maxBytes ?? MOST_BYTES, MOST_BYTES)) };
};

const FORM =
  /^<!-- squall-report suite=([\w.%]*) head=([\w.%]*) seed=(-?\d{1,16}) run=(\d{1,16}) attempt=(\d{1,16}) at=(\d{1,16}) findings=([\w.%,]*) -->$/;

/**
 * The marker of a comment's text, looked for in its last line only: nothing a name can hold gets there. Anything but what
 * `writeMarker` writes is null.
 */
export const readMarker = (body: string): ReportMarker | null => {
  const last = body.trimEnd().split("\n").at(-1) ?? "";
  if (last.length >= MOST_BYTES) return null;
  const [, suite = "", head = "", seed, run, attempt, reportedAt, list = ""] = FORM.exec(last) ?? [];
  const findings = (list === "" ? [] : list.split(",")).flatMap((id) => decoded(id) ?? []);
  const marker = {
    suite,
    head,
    seed: Number(seed),
    run: Number(run),
    attempt: Number(attempt),
    reportedAt: Number(reportedAt),
    findings,
  };
  return findings.length <= MOST_FINDINGS && writeMarker(marker) === last ? marker : null;
};

/** Whether a comes from a later run than b, or from a later attempt at the same one. */
export const isNewer = (a: ReportMarker, b: ReportMarker): boolean =>
  a.run === b.run ? a.attempt > b.attempt : a.run > b.run;
