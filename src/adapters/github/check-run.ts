/** A check run: created in progress, given its annotations by fifties, completed with the last of them. */
import { SquallError } from "../../core/errors.ts";
import type { Annotation } from "../../core/report/annotations.ts";
import { call, statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";

/** GitHub's limit on annotations in one request. */
const BATCH = 50;

export interface CheckRun {
  readonly sha: string;
  readonly name: string;
  readonly conclusion: "success" | "failure";
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
  readonly detailsUrl: string | undefined;
  /** Tells our runs of one name apart: "<run>.<attempt>". */
  readonly externalId: string;
}

const batches = (annotations: readonly Annotation[]): readonly (readonly Annotation[])[] => {
  const found: (readonly Annotation[])[] = [];
  for (let at = 0; at < annotations.length; at += BATCH) found.push(annotations.slice(at, at + BATCH));
  return found.length === 0 ? [[]] : found;
};

const written = ({ level, title, message, path, line }: Annotation) => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: level,
  title,
  message,
});

/** The check of this very run, where an earlier try has created it. */
const findOurs = async (
  { octokit, owner, repo }: Forge,
  { sha, name, externalId }: CheckRun,
): Promise<number | null> => {
  const { data } = await octokit.rest.checks.listForRef({
    owner,
    repo,
    ref: sha,
    check_name: name,
    per_page: 100,
  });
  return data.check_runs.find(({ external_id: id }) => id === externalId)?.id ?? null;
};

/** Once: where no answer came, it may be there all the same, and another would stay in progress for ever. */
const create = async (forge: Forge, run: CheckRun): Promise<number> => {
  const { octokit, owner, repo } = forge;
  const { sha, name, detailsUrl, externalId } = run;
  try {
    const { data } = await octokit.rest.checks.create({
      owner,
      repo,
      name,
      head_sha: sha,
      status: "in_progress",
      external_id: externalId,
      ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
      request: { retries: 0 },
    });
    return data.id;
  } catch (error) {
    const there =
      statusOf(error) === null || (statusOf(error) ?? 0) >= 500 ? await findOurs(forge, run) : null;
    if (there === null) throw error;
    return there;
  }
};

const post = async (forge: Forge, run: CheckRun): Promise<void> => {
  const { octokit, owner, repo } = forge;
  const { title, summary, text } = run;
  const id = (await findOurs(forge, run)) ?? (await create(forge, run));
  const parts = batches(run.annotations);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    await octokit.rest.checks.update({
      owner,
      repo,
      check_run_id: id,
      ...(isLast ? { status: "completed" as const, conclusion: run.conclusion } : {}),
      output: { title, summary, ...(text === "" ? {} : { text }), annotations: part.map(written) },
    });
  }
};

/** @throws SquallError `api-refused`, also on a server that has no check runs */
export const postCheckRun = async (forge: Forge, run: CheckRun): Promise<void> => {
  if (forge.kind === "gitea") {
    throw new SquallError("api-refused", "This server has no check runs.", {
      remedy: "Use the input check: status.",
    });
  }
  return call(`Posting the check ${run.name}`, async () => post(forge, run), "checks: write");
};
