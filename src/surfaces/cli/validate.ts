import { readSuite } from "./read-suite.ts";

/** Checks the suite and its request set. Problems are thrown, all at once. */
export const validate = async (file: string): Promise<number> => {
  const { suite, requestSet } = await readSuite(file);
  const experiments = suite.experiments.length;
  process.stdout.write(
    `${file} is valid: service ${suite.name}, ${suite.dependencies.length} dependencies, ${experiments} experiment${experiments === 1 ? "" : "s"}, ${requestSet.requests.length} requests\n`,
  );
  return 0;
};
