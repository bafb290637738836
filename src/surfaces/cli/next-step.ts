/** The one thing to do after a command, for someone who does it for the first time. Goes to standard error. */
import { tellsOfLateness } from "../../core/judge/window-reasons.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { Result } from "../../core/verdict.ts";

const afterInvalid = (result: Result): string => {
  const details = result.verdict.findings.flatMap(({ kind, detail }) =>
    kind === "invalid-window" ? detail : [],
  );
  if (details.some(tellsOfLateness))
    return "end what else keeps this machine's processors busy, and run it again. Where it is always so busy, allow more lateness (`gate: { maxLagP99: 50ms }` in the suite): differences smaller than that are then not seen";
  const missed = result.verdict.findings.some(({ kind }) => kind === "fault-missed");
  return missed
    ? "make the request set call what the fault strikes, or take that experiment out, and run it again"
    : "see what the findings above say, and run it again";
};

/** Null: nothing is left to do. */
export const nextStep = (result: Result, runDirectory: string): string | null => {
  const page = `${plainText(runDirectory, 300)}/report.html`;
  switch (result.verdict.word) {
    case "pass":
      return null;
    case "no-baseline":
      return "on the default branch `squall baseline`, twice or more; then `squall run` on a branch";
    case "invalid":
      return afterInvalid(result);
    case "inconclusive":
      return `open ${page}; to settle it, measure longer (\`gate.budget\` in the suite) or add a baseline run on the default branch`;
    case "regressed":
      return `open ${page}: what broke, where, and what would mend it`;
  }
};
