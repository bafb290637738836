/** What one line (or one look) tells of a job's progress. */
export type ProgressEvent =
  /** `loss`: null where not told; NaN and infinity as they were told. */
  | { readonly type: "step"; readonly step: number; readonly loss: number | null }
  | { readonly type: "saving" | "saved" | "loaded" | "skipped"; readonly step: number | null };
