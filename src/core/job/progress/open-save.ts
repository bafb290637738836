/**
 * A save whose end no line tells. The loop that saves waits for it, so whatever the loop does next says that the checkpoint is whole:
 * the end is told late, by at most a step, never early.
 */
import type { ProgressEvent } from "../progress-event.ts";

export interface OpenSave {
  readonly begin: (step: number | null) => readonly ProgressEvent[];
  /** The loop went on. */
  readonly end: () => readonly ProgressEvent[];
  /** The process is a new one: what was being saved never ended. */
  readonly forget: () => void;
}

export const openSave = (): OpenSave => {
  let open: { readonly step: number | null } | null = null;
  return {
    begin: (step) => {
      open = { step };
      return [{ type: "saving", step }];
    },
    end: () => {
      if (open === null) return [];
      const { step } = open;
      open = null;
      return [{ type: "saved", step }];
    },
    forget: () => {
      open = null;
    },
  };
};
