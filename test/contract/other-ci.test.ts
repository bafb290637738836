/** The files of other CIs that we tell users to copy, by the schemas that these CIs publish. What they do: test/examples. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { BUILDKITE_FILE } from "../support/other-ci/buildkite.ts";
import { GITLAB_FILE, readJobs } from "../support/other-ci/gitlab.ts";

const SCHEMAS = path.resolve(import.meta.dirname, "../fixtures/schemas");

const problems = async (schema: string, value: unknown) => {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(await readFile(path.join(SCHEMAS, schema), "utf8")) as object);
  validate(value);
  return validate.errors ?? [];
};

test("GitLab's file is one by its schema, and so are the jobs with what they extend", async () => {
  // The schema lets hidden jobs, which are only extended, be anything.
  for (const value of [parse(await readFile(GITLAB_FILE, "utf8")), Object.fromEntries(await readJobs())])
    expect(await problems("gitlab-ci.json", value)).toEqual([]);
});

test("Buildkite's file is one by its schema", async () => {
  expect(await problems("buildkite-pipeline.json", parse(await readFile(BUILDKITE_FILE, "utf8")))).toEqual(
    [],
  );
});
