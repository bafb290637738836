/** Mode `validate`: the suite and its request set, without starting anything. Problems are thrown, all at once. */
import * as core from "@actions/core";
import { readHeadSuite } from "../head-suite.ts";
import type { Session } from "../session.ts";

export const validate = async (session: Session): Promise<number> => {
  const { suite, requestSet } = await readHeadSuite(session);
  core.info(
    `${session.inputs.suite} is valid: suite ${suite.name}, ${suite.experiments.length} experiments, ${requestSet.requests.length} requests`,
  );
  return 0;
};
