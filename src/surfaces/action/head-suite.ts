/** The suite in the workspace, with what the step's inputs say of this run. */
import { withBuildArguments } from "../gate/build-arguments.ts";
import { type ReadSuite, readSuite } from "../gate/read-suite.ts";
import type { Session } from "./session.ts";

export const readHeadSuite = async ({ suiteFile, inputs, subject }: Session): Promise<ReadSuite> => {
  const read = await readSuite(suiteFile);
  subject.suite = read.suite.name;
  const { budgetMs, sidecarImage, buildArgs } = inputs;
  const { suite } = read;
  return {
    ...read,
    suite: withBuildArguments(
      {
        ...suite,
        policy: { ...suite.policy, ...(budgetMs === undefined ? {} : { budgetMs }) },
        docker: { ...suite.docker, ...(sidecarImage === undefined ? {} : { sidecarImage }) },
      },
      buildArgs,
    ),
  };
};
