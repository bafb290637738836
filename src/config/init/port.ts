import { safePort } from "./findings.ts";
import { isSource } from "./places.ts";

/** A port that the code writes out: `.listen(3000`, `port=5000`, `("0.0.0.0", 8080)`. */
const WRITTEN =
  /\.listen\(\s?(\d{2,5})\b|\bport\s?=\s?(\d{2,5})\b|\(\s?["'][\d.]{0,20}["'],\s?(\d{2,5})\s?\)/i;

/** The first one in the source files that serve, or undefined. */
export const fixedPort = (files: ReadonlyMap<string, string>): number | undefined => {
  for (const [path, text] of files) {
    if (!isSource(path) || !/listen|run\(|serve/i.test(text)) continue;
    const match = WRITTEN.exec(text);
    const port = safePort(match?.[1] ?? match?.[2] ?? match?.[3]);
    if (port !== null) return port;
  }
  return undefined;
};
