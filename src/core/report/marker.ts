/** The hidden last line by which a comment is known as ours: whose suite, which commit, which seed. */
import { subSeed } from "../random.ts";
import type { Result } from "../verdict.ts";

export interface ReportMarker {
  /** The suite's name, percent-encoded; equal names give equal texts. */
  readonly suite: string;
  readonly head: string;
  readonly seed: number;
}

const LONGEST = 200;

/** Letters, digits, dots and underscores stay; the rest is percent-encoded, hyphens too: "-->" must not come about. */
const encoded = (text: string): string => {
  const safe = encodeURIComponent(text.slice(0, 2000).toWellFormed()).replace(
    /[-!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // A cut text keeps its identity by a hash of the whole.
  return safe.length <= LONGEST
    ? safe
    : `${safe.slice(0, LONGEST).replace(/%.?$/, "")}.${(subSeed(0, text) >>> 0).toString(16)}`;
};

export const markerOf = (result: Result): ReportMarker => ({
  suite: encoded(result.suite),
  head: encoded(result.head.provenance.commit ?? ""),
  seed: result.seed,
});

export const writeMarker = ({ suite, head, seed }: ReportMarker): string =>
  `<!-- squall-report suite=${suite} head=${head} seed=${seed} -->`;

const FORM = /^<!-- squall-report suite=([\w.%]*) head=([\w.%]*) seed=(-?\d{1,16}) -->$/;

/** The marker of a comment's text, looked for in its last line only: nothing a name can hold gets there. */
export const readMarker = (body: string): ReportMarker | null => {
  const last = body.trimEnd().slice(-1000).split(/\r?\n/).at(-1) ?? "";
  const [, suite, head, seed] = FORM.exec(last) ?? [];
  return suite === undefined || head === undefined || seed === undefined
    ? null
    : { suite, head, seed: Number(seed) };
};
