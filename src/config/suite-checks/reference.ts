import { at, clash, type SuiteCheck } from "./check.ts";

const SOURCES = ["checkout", "image", "command"] as const;

/** Exactly one thing runs beside the change, and only a checkout is prepared. */
export const referenceIsOneThing: SuiteCheck = ({ reference }, { problem }) => {
  if (reference === undefined) return;
  const named = SOURCES.filter((key) => reference[key] !== undefined);
  if (named.length !== 1)
    problem(
      at(["reference"], {
        at: "key",
        code: named.length === 0 ? "missing-key" : "conflict",
        found: named.length === 0 ? "none of them" : named.join(" and "),
        message: "The reference must say what runs beside the change",
        allowed: `exactly one of ${SOURCES.join(", ")}`,
        remedy: "Write `reference: { checkout: base }`, for the commit that the change starts from.",
      }),
    );
  if (reference.prepare !== undefined && reference.checkout === undefined)
    problem(
      clash(["reference", "prepare"], "Only a checkout is prepared", "prepare beside checkout", "Remove it."),
    );
};
