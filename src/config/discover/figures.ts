/** Figures as a person reads them, and as squall.yml takes them. */

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** "41 ms", "1.5 s". */
export const formatSeconds = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${trimmed(ms / 1000, 1)} s`;

/** "812 B", "64 KiB", "1.5 MiB". */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${trimmed(bytes / 1024 / 1024, 1)} MiB`;
};

/** Rounded up to one of few values, so that two runs of one service propose the same. */
export const writtenDelay = (ms: number): string => {
  const step = [200, 300, 500, 1000, 2000, 3000, 5000, 10_000].find((each) => each >= ms) ?? 20_000;
  return step < 1000 ? `${step}ms` : `${step / 1000}s`;
};
