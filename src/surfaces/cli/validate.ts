import { experimentNames, readSuite } from "../gate/read-suite.ts";
import { counted, workloadWords } from "../gate/workload-words.ts";

/** Beyond the load: starting, a calm pass, and waiting for the service to come to rest. */
const START_AND_REST_MS = 15_000;

/** Checks the suite and its request set. Problems are thrown, all at once. */
export const validate = async (file: string): Promise<number> => {
  const { suite, requestSet } = await readSuite(file);
  const dependencies = suite.dependencies.length;
  process.stdout.write(
    `${file} is valid: suite ${suite.name}, ${dependencies} ${dependencies === 1 ? "dependency" : "dependencies"}, ${counted(experimentNames(suite).length, "experiment")}, ${workloadWords({ suite, requestSet })}\n`,
  );
  const { budgetMs } = suite.policy;
  process.stderr.write(
    suite.job === undefined
      ? `next: \`squall run\` (about ${Math.round((budgetMs + START_AND_REST_MS) / 60_000)} minutes); on the default branch \`squall baseline\`\n`
      : "next: `squall run`; on the default branch `squall baseline`\n",
  );
  return 0;
};
