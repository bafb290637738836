/** Log lines that match, counted after the run from the files that the runtime wrote (adapters/runtimes/log-file.ts). */
import { stripVTControlCharacters } from "node:util";
import type { MatchesLine } from "../../config/log-pattern.ts";
import type { SignalSample } from "../../core/signals/signal.ts";
import { datedLines } from "./dated-lines.ts";
import { LOOK_INTERVAL_MS } from "./look-interval.ts";

/** Time for all files of a run. */
const PATIENCE_MS = 10_000;
const LIMIT_REACHED = "log limit of ";

export interface LogReading {
  /** Epoch ms. */
  readonly runStartMs: number;
  readonly endMs: number;
  /** Defaults to the real clock and 10 s. */
  readonly patienceMs?: number;
}

/**
 * @returns for each pattern one sample a half second of the run: lines of all files that matched since the one before. Null from where a
 *   log ends too early (its limit was reached, it cannot be read, or there was no time).
 */
export const countLogLines = async (
  files: readonly string[],
  patterns: readonly MatchesLine[],
  { runStartMs, endMs, patienceMs = PATIENCE_MS }: LogReading,
): Promise<readonly (readonly SignalSample[])[]> => {
  const looks = Math.max(0, Math.floor((endMs - runStartMs) / LOOK_INTERVAL_MS));
  const counts = patterns.map(() => new Uint32Array(looks));
  const giveUpMs = performance.now() + patienceMs;
  let readUntilMs = files.length === 0 ? runStartMs : endMs;
  for (const file of files) {
    let lastMs = runStartMs;
    const ends = (): void => {
      readUntilMs = Math.min(readUntilMs, lastMs);
    };
    try {
      for await (const { atMs, stream, text } of datedLines(file)) {
        lastMs = atMs;
        if (stream === "squall") {
          if (text.startsWith(LIMIT_REACHED)) ends();
          continue;
        }
        if (performance.now() > giveUpMs) {
          ends();
          break;
        }
        const look = Math.floor((lastMs - runStartMs) / LOOK_INTERVAL_MS);
        if (!(look >= 0 && look < looks)) continue;
        const plain = stripVTControlCharacters(text);
        patterns.forEach((matches, place) => {
          const own = counts[place];
          if (own !== undefined && matches(plain)) own[look] = (own[look] ?? 0) + 1;
        });
      }
    } catch {
      ends();
    }
  }
  const untilMs = readUntilMs - runStartMs;
  return counts.map((own) =>
    Array.from(own, (value, look) => {
      const atMs = (look + 1) * LOOK_INTERVAL_MS;
      return { atMs, value: atMs <= untilMs ? value : null };
    }),
  );
};
