/** Mode `validate`: the suite and its request set, without starting anything. Problems are thrown, all at once. */
import * as core from "@actions/core";
import { experimentNames } from "../../gate/read-suite.ts";
import { workloadWords } from "../../gate/workload-words.ts";
import { readHeadSuite } from "../head-suite.ts";
import type { Session } from "../session.ts";
import { withInputs } from "../step-inputs.ts";

export const validate = async (session: Session): Promise<number> => {
  const head = await readHeadSuite(session);
  const { requestSet } = head;
  const suite = withInputs(head.suite, session.inputs);
  core.info(
    `${session.inputs.suite} is valid: suite ${suite.name}, ${experimentNames(suite).length} experiments, ${workloadWords({ suite, requestSet })}`,
  );
  return 0;
};
