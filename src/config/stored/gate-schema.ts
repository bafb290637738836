/** What a gate adds to result.json. */
import { z } from "zod";
import type { Change, EventName } from "../../core/change.ts";
import type { GateRecord } from "../../core/gate/gate-record.ts";
import { count, list, share, text } from "./primitives.ts";

const EVENTS = [
  "pull_request",
  "push",
  "merge_group",
  "workflow_dispatch",
  "schedule",
  "workflow_run",
  "other",
] as const satisfies readonly EventName[];

const change = z.strictObject({
  event: z.enum(EVENTS).describe("other: another CI, or a person's own machine"),
  repository: text.describe("owner/name of the repository that the run belongs to"),
  headRepository: text.describe("owner/name of the head's: another one for a fork"),
  defaultBranch: text,
  headSha: text.describe("commit that is reported on"),
  headBranch: text.nullable(),
  measuredSha: text.describe("commit whose files were measured: of a pull request, its merge commit"),
  baseSha: text.nullable().describe("commit that the head is compared with"),
  baseBranch: text.nullable(),
  pullRequest: count.nullable(),
  run: z
    .strictObject({ id: count, attempt: count })
    .describe("the CI's own number of the run, and of the attempt at it"),
}) satisfies z.ZodType<Change>;

const choice = z.strictObject({
  runs: count.describe("stored runs pooled"),
  commit: text.nullable().describe("of the newest of them"),
  distance: count.nullable().describe("commits from it to the base; null: unknown"),
  ageMs: share.describe("ms"),
  ancestor: z.enum(["yes", "unknown"]).describe("whether it was shown to be an ancestor of the base"),
  stale: text.nullable().describe("why it is too old by the policy; null: it is not"),
});

const acceptance = z.strictObject({
  by: text.describe("login"),
  how: z.enum(["label", "description"]),
  findings: list(text, 10_000).describe("ids of the findings that are accepted: scenario/kind"),
  headSha: text.describe("commit it was given for"),
  until: z.enum(["commit", "pull-request"]).describe("commit: it ends with the next one"),
});

const conclusion = z.strictObject({
  outcome: z.enum(["success", "failure"]),
  exitCode: z
    .union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)])
    .describe(
      "0 success, 1 regressed, 3 invalid, 4 inconclusive, no-baseline or weakened where the policy fails them",
    ),
  reason: text,
});

export const gateSchema = z
  .strictObject({
    change: change.describe("why the run happened, and what was compared with what"),
    choice: choice.nullable().describe("which stored runs it was compared with; null: there were none"),
    acceptance: acceptance.nullable().describe("who took the findings upon themselves"),
    conclusion: conclusion.describe("whether the merge may go on"),
  })
  .meta({ id: "gate" }) satisfies z.ZodType<GateRecord>;
