/** Uploads by the toolkit's own client: it alone knows the service that stores artifacts. */
import { SquallError, type SquallErrorCode } from "../../../core/errors.ts";
import { plainText } from "../../../core/report/plain-text.ts";
import type { UploadArtifact } from "../../../run/forge.ts";
import { artifactName } from "./name.ts";

/**
 * The client reads its variables from the environment, out of which they were taken for as long as strangers' code runs: they
 * are put back for the upload alone.
 */
const withEnvironment = async <T>(
  variables: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> => {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
};

/** Addresses of the storage are signed: whoever has one may write there. */
const withoutSignature = (message: string): string =>
  plainText(message.replaceAll(/\bsig=[^&\s"']+/gi, "sig=***"), 300);

interface Refusal {
  readonly code: SquallErrorCode;
  readonly remedy: string;
}

/** By the words of the toolkit (lib/internal/shared/errors.js and artifact-twirp-client.js), which has no codes. */
const refusalOf = (message: string): Refusal => {
  if (/\b409\b|conflict|already exists/i.test(message)) {
    return {
      code: "api-refused",
      remedy: "Two jobs of one run upload under one name: give each its own report-name.",
    };
  }
  if (/quota/i.test(message)) {
    return {
      code: "api-refused",
      remedy: "Delete old artifacts, or lower retention-days. The run's files are in .squall/ all the same.",
    };
  }
  return { code: "api-failed", remedy: "The run's files are in .squall/ all the same." };
};

const uploadError = (error: unknown, name: string): SquallError => {
  const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
  if (kind === "GHESNotSupportedError") {
    return new SquallError("api-refused", "This server does not take artifacts of the fourth version.", {
      remedy: "Set upload: false, and keep the run's files (.squall/) in another way.",
    });
  }
  const { code, remedy } = refusalOf(message);
  return new SquallError(
    code,
    `Artifact ${plainText(name, 100)} was not uploaded: ${withoutSignature(message)}`,
    { remedy },
  );
};

/**
 * @param taken the job's variables, ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL among them
 * @param page address of the workflow run, for a link that a person can open
 */
export const uploadArtifactWith =
  (taken: Readonly<Record<string, string>>, page: string | undefined): UploadArtifact =>
  async (wanted, directory, { files, retentionDays, replace, asFile }) => {
    const name = artifactName(wanted);
    const variables = Object.fromEntries(Object.entries(taken).filter(([key]) => key.startsWith("ACTIONS_")));
    if (variables["ACTIONS_RUNTIME_TOKEN"] === undefined) {
      throw new SquallError("api-refused", "Artifacts can be uploaded only in a step of a workflow.", {
        place: "ACTIONS_RUNTIME_TOKEN",
        remedy: "Elsewhere set upload: false; the run's files are in .squall/.",
      });
    }
    try {
      return await withEnvironment(variables, async () => {
        const { DefaultArtifactClient } = await import("@actions/artifact");
        const client = new DefaultArtifactClient();
        // Of an earlier attempt at this run; there may be none.
        if (replace === true) await client.deleteArtifact(name).catch(() => undefined);
        const { id, size } = await client.uploadArtifact(name, [...files], directory, {
          ...(retentionDays === undefined ? {} : { retentionDays }),
          ...(asFile === true ? { skipArchive: true } : {}),
        });
        return {
          id: id ?? null,
          url: page === undefined || id === undefined ? null : `${page}/artifacts/${id}`,
          bytes: size ?? 0,
        };
      });
    } catch (error) {
      throw uploadError(error, name);
    }
  };
