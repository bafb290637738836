/** How what was decided of a comparison looks; a mark and a word say it too. */
import type { ComparisonLabel } from "../../../verdict.ts";

export const LABEL_CLASSES: Readonly<Record<ComparisonLabel, string>> = {
  regressed: "regressed-cell",
  improved: "improved-cell",
  unbounded: "open-cell",
  refused: "quiet-cell",
  ok: "ok-cell",
  advisory: "quiet-cell",
};
