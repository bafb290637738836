/** Who took a change's findings upon themselves: asked of the pull request, decided in core/gate. */
import { findComment } from "../../adapters/github/comment.ts";
import { canWrite, labelled, readPullRequest } from "../../adapters/github/pull-requests.ts";
import { acceptLines, decideAcceptance } from "../../core/gate/acceptance.ts";
import type { Acceptance } from "../../core/gate/gate-record.ts";
import type { Suite } from "../../core/suite.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { Session } from "./session.ts";

export interface Accepted {
  readonly acceptance: Acceptance | null;
  readonly notes: readonly string[];
}

const ask = async (
  { forge, inputs, change }: Session,
  pullRequest: number,
  suite: Suite,
  verdict: Verdict,
): Promise<Accepted> => {
  const scope = suite.policy.acceptance;
  const pull = await readPullRequest(forge, pullRequest);
  const claims = acceptLines(pull.description);
  const label = pull.labels.includes(inputs.acceptLabel)
    ? await labelled(forge, pullRequest, inputs.acceptLabel)
    : null;
  const labeller = label?.by ?? null;
  if (claims.length === 0 && label === null) return { acceptance: null, notes: [] };
  const author = { login: pull.author, canWrite: claims.length > 0 && (await canWrite(forge, pull.author)) };
  const marker =
    label === null ? null : ((await findComment(forge, pullRequest, suite.name))?.marker ?? null);
  return decideAcceptance({
    // In a merge queue the head is a commit of the queue's own: what was accepted is the pull request's. Elsewhere the head
    // that was measured counts, though the pull request may have gone on since.
    headSha: change.event === "merge_group" ? pull.headSha : change.headSha,
    verdict,
    scope,
    lines: claims.map((claim) => ({ ...claim, author })),
    label:
      label === null
        ? null
        : {
            by: labeller ?? "nobody known",
            canWrite: labeller !== null && (await canWrite(forge, labeller)),
            atMs: label.atMs,
          },
    reported:
      marker === null
        ? null
        : { headSha: marker.head, firstReportedAtMs: marker.reportedAt * 1000, findings: marker.findings },
  });
};

/** A pull request that cannot be asked has accepted nothing: a note says so, and the verdict stands. */
export const acceptanceOf = async (session: Session, suite: Suite, verdict: Verdict): Promise<Accepted> => {
  const { pullRequest } = session.change;
  if (pullRequest === null || suite.policy.acceptance === "never") return { acceptance: null, notes: [] };
  const asked = await session.notices.attempt("It could not be seen whether this was accepted", async () =>
    ask(session, pullRequest, suite, verdict),
  );
  return asked ?? { acceptance: null, notes: ["It could not be seen whether this was accepted."] };
};
