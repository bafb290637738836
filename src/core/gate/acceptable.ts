import type { Verdict } from "../verdict.ts";
import { findingId } from "./finding-id.ts";

/**
 * Ids of the findings that can be accepted: those that block, then weakened gates, which a workflow may fail by itself even
 * where they only warn.
 */
export const acceptableIds = ({ findings }: Verdict): readonly string[] => {
  const blocking = findings.filter(({ severity }) => severity === "block");
  const weakened = findings.filter(({ kind }) => kind === "weakened-gate");
  return [...new Set([...blocking, ...weakened].map(findingId))];
};
