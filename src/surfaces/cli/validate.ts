import { experimentNames, readSuite } from "../gate/read-suite.ts";

/** Checks the suite and its request set. Problems are thrown, all at once. */
export const validate = async (file: string): Promise<number> => {
  const { suite, requestSet } = await readSuite(file);
  const experiments = experimentNames(suite).length;
  const requests = requestSet.requests.length;
  process.stdout.write(
    `${file} is valid: suite ${suite.name}, ${suite.dependencies.length} ${suite.dependencies.length === 1 ? "dependency" : "dependencies"}, ${experiments} experiment${experiments === 1 ? "" : "s"}, ${requests} request${requests === 1 ? "" : "s"}\n`,
  );
  return 0;
};
