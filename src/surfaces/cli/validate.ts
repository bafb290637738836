import { experimentNames, readSuite } from "../gate/read-suite.ts";
import { counted, workloadWords } from "../gate/workload-words.ts";

/** Checks the suite and its request set. Problems are thrown, all at once. */
export const validate = async (file: string): Promise<number> => {
  const { suite, requestSet } = await readSuite(file);
  const dependencies = suite.dependencies.length;
  process.stdout.write(
    `${file} is valid: suite ${suite.name}, ${dependencies} ${dependencies === 1 ? "dependency" : "dependencies"}, ${counted(experimentNames(suite).length, "experiment")}, ${workloadWords({ suite, requestSet })}\n`,
  );
  return 0;
};
