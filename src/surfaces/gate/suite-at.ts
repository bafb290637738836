/** The suite as it is at a commit: what the base branch asks of a change. */
import path from "node:path/posix";
import { formatProblems } from "../../config/problems.ts";
import { loadRequestSet, NO_REQUESTS } from "../../config/request-set/load.ts";
import { parseSuite } from "../../config/suite.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";
import type { SourceFiles } from "../../run/forge.ts";

export type SuiteAt =
  | { readonly kind: "read"; readonly suite: Suite; readonly requestSet: RequestSet }
  | { readonly kind: "absent" }
  /** There is one, and it is of no use; `why` in words. */
  | { readonly kind: "broken"; readonly why: string };

/**
 * Reads suite and request set without a checkout; what is in them is parsed, never run.
 *
 * @param file relative to the repository's root, with `/`
 * @throws SquallError `api-refused`, `api-failed` where it could not be looked for
 */
export const readSuiteAt = async (files: SourceFiles, file: string, commit: string): Promise<SuiteAt> => {
  const text = (await files.read(file, commit))?.toString("utf8");
  if (text === undefined) return { kind: "absent" };
  const parsed = parseSuite(text, { file });
  if (!parsed.ok) return { kind: "broken", why: formatProblems(parsed.problems, text) };
  if (parsed.suite.job !== undefined) return { kind: "read", suite: parsed.suite, requestSet: NO_REQUESTS };
  const requestsFile = path.join(path.dirname(file), parsed.suite.workload.requestsPath);
  const requests = (await files.read(requestsFile, commit))?.toString("utf8");
  if (requests === undefined) return { kind: "broken", why: `${requestsFile}, its request set, is missing` };
  try {
    return {
      kind: "read",
      suite: parsed.suite,
      requestSet: loadRequestSet(requests, { file: requestsFile }),
    };
  } catch (error) {
    if (error instanceof SquallError) return { kind: "broken", why: error.message };
    throw error;
  }
};
