/** The suite in the workspace. */
import { type ReadSuite, readSuite } from "../gate/read-suite.ts";
import type { Session } from "./session.ts";

export const readHeadSuite = async ({ suiteFile, subject }: Session): Promise<ReadSuite> => {
  const read = await readSuite(suiteFile);
  subject.suite = read.suite.name;
  return read;
};
