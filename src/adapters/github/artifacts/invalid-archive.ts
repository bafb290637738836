import { SquallError } from "../../../core/errors.ts";
import { plainText } from "../../../core/report/plain-text.ts";

/** @param entry its name as written in the archive: a stranger's text, escaped here */
export const invalidArchive = (problem: string, entry?: string, cause?: unknown): SquallError =>
  new SquallError("artifact-invalid", `The artifact was refused: ${problem}.`, {
    ...(entry === undefined ? {} : { place: plainText(entry, 200) }),
    remedy:
      "Measure again; if it happens again, look at who made it: nothing of the archive was used or written.",
    cause,
  });
