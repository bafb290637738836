/** Artifacts of workflow runs, by the REST API: listed page by page, downloaded with a limit, checked, and unpacked in memory. */
import { createHash } from "node:crypto";
import { defaults } from "@actions/github/lib/utils";
import { SquallError } from "../../../core/errors.ts";
import { plainText } from "../../../core/report/plain-text.ts";
import type { ArtifactShelf, StoredArtifact } from "../../../run/forge.ts";
import { call, statusOf } from "../errors.ts";
import type { Forge } from "../forge.ts";
import type { Fetch } from "../whole-answers.ts";
import { unzipSafely } from "./unzip.ts";

const READ = "actions: read";
const PER_PAGE = 100;

interface Listed {
  readonly id: number;
  readonly name: string;
  readonly size_in_bytes: number;
  readonly created_at: string | null;
  readonly expired: boolean;
  readonly digest?: string | null;
  readonly workflow_run?: {
    readonly id?: number;
    readonly repository_id?: number;
    readonly head_repository_id?: number;
    readonly head_branch?: string | null;
    readonly head_sha?: string;
  } | null;
}

type Shelved = StoredArtifact & { readonly digest: string | null };

const shelved = (listed: Listed): Shelved => {
  const run = listed.workflow_run;
  return {
    id: listed.id,
    name: listed.name,
    bytes: listed.size_in_bytes,
    createdAt: listed.created_at ?? "",
    expired: listed.expired,
    digest: listed.digest ?? null,
    run:
      run?.id === undefined
        ? null
        : {
            id: run.id,
            headBranch: run.head_branch ?? null,
            headSha: run.head_sha ?? "",
            // Where the server names no repositories nobody vouches for it.
            own: run.repository_id !== undefined && run.repository_id === run.head_repository_id,
          },
  };
};

interface Limits {
  /** Of one download, from its address to its last byte. */
  readonly timeoutMs: number;
  /** Of the archive as it comes; what it unpacks to has a limit of its own. */
  readonly maxPackedBytes: number;
}

const LIMITS: Limits = { timeoutMs: 120_000, maxPackedBytes: 128 * 1024 * 1024 };

const tooLarge = (name: string, { maxPackedBytes }: Limits): SquallError =>
  new SquallError(
    "artifact-invalid",
    `Artifact ${plainText(name, 100)} is larger than ${maxPackedBytes} bytes.`,
    {
      remedy: "No run of squall makes one so large: it was not made by squall.",
    },
  );

const readLimited = async (response: Response, name: string, limits: Limits): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > limits.maxPackedBytes) throw tooLarge(name, limits);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** The API answers with the address of the archive, on another host: the token is not sent there. */
const locate = async ({ octokit, owner, repo }: Forge, id: number): Promise<string> => {
  const { headers, status } = await octokit.rest.actions.downloadArtifact({
    owner,
    repo,
    artifact_id: id,
    archive_format: "zip",
    request: { redirect: "manual" },
  });
  const { location } = headers;
  if (location === undefined)
    throw new Error(`the server answered ${status} without an address to download from`);
  return location;
};

/** The toolkit's fetch, because it goes through the runner's proxy. */
const proxied = (defaults.request?.fetch ?? fetch) as Fetch;

const fetchArchive = async (forge: Forge, artifact: StoredArtifact, limits: Limits): Promise<Buffer> => {
  const url = await locate(forge, artifact.id);
  const response = await proxied(url, { signal: AbortSignal.timeout(limits.timeoutMs) });
  if (!response.ok) throw new Error(`the archive's host answered ${response.status}`);
  return readLimited(response, artifact.name, limits);
};

/** "sha256:<hex>", where the server tells; what arrived otherwise is not what was uploaded. */
const checkDigest = (archive: Buffer, artifact: Partial<Shelved>): void => {
  const wanted = /^sha256:([0-9a-f]{64})$/.exec(artifact.digest ?? "")?.[1];
  if (wanted === undefined || createHash("sha256").update(archive).digest("hex") === wanted) return;
  throw new Error("the archive is not the one that was uploaded: its sha256 differs");
};

const DOWNLOADS = 2;

/** What the API refused is not asked for again (its client has tried already); a broken download is. */
const isFinal = (error: unknown): boolean => error instanceof SquallError || statusOf(error) !== null;

/** "fetch failed" tells nobody anything; its cause does. */
const told = (error: unknown): unknown =>
  error instanceof TypeError && error.cause instanceof Error ? new Error(error.cause.message) : error;

const download = async (forge: Forge, artifact: StoredArtifact, limits: Limits): Promise<Buffer> => {
  if (artifact.bytes > limits.maxPackedBytes) throw tooLarge(artifact.name, limits);
  for (let attempt = 1; ; attempt++) {
    try {
      const archive = await fetchArchive(forge, artifact, limits);
      checkDigest(archive, artifact);
      return archive;
    } catch (error) {
      if (attempt === DOWNLOADS || isFinal(error)) throw told(error);
    }
  }
};

export const forgeArtifacts = (forge: Forge, packed: Limits = LIMITS): ArtifactShelf => {
  const { octokit, owner, repo } = forge;
  const page = async (
    options: { readonly name?: string; readonly run?: number },
    number: number,
  ): Promise<readonly Shelved[]> => {
    const { name, run } = options;
    const query = { owner, repo, per_page: PER_PAGE, page: number, ...(name === undefined ? {} : { name }) };
    const { data } =
      run === undefined
        ? await octokit.rest.actions.listArtifactsForRepo(query)
        : await octokit.rest.actions.listWorkflowRunArtifacts({ ...query, run_id: run });
    return data.artifacts.map((artifact) => shelved(artifact as Listed));
  };
  return {
    list: async function* list(options) {
      for (let number = 1; ; number++) {
        const found = await call("Listing artifacts", async () => page(options, number), READ);
        yield* found.toSorted((a, b) => b.id - a.id);
        if (found.length < PER_PAGE) return;
      }
    },
    download: async (artifact, limits) => {
      const archive = await call(
        `Downloading artifact ${plainText(artifact.name, 100)}`,
        async () => download(forge, artifact, packed),
        READ,
      );
      return unzipSafely(archive, limits);
    },
  };
};
