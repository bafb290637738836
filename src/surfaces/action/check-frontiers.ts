/**
 * Whether the searches in samples are those that the suite asks for. Which level comes next follows from what was counted before,
 * so the way of a search is walked again; what remains to a forger is to invent counts.
 */
import { requestExpectation } from "../../core/frontier/expectation.ts";
import { nextStep } from "../../core/frontier/search.ts";
import type { FrontierRecord, Profile } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";
import type { Frontier, Suite } from "../../core/suite.ts";
import { refuse } from "./refuse.ts";

const isOf = (record: FrontierRecord, { range, faults, expect }: Frontier): boolean =>
  sameValue(record.range, range) &&
  sameValue(record.fault, faults.at(-1)) &&
  sameValue(record.expect, expect);

/** A search may end early, where the service did not come back from a step: it then tells less. */
const tookItsWay = ({ range, expect, steps }: FrontierRecord, sloMs: number): boolean => {
  const allowed = expect.map((hypothesis) => requestExpectation(hypothesis, sloMs).allowed);
  return steps.every(({ level }, place) => nextStep(range, allowed, steps.slice(0, place)) === level);
};

/** @throws SquallError `artifact-invalid` */
export const checkFrontiers = ({ frontiers = [], sloMs }: Profile, suite: Suite): void => {
  if (frontiers.length !== suite.frontiers.length)
    refuse(`The samples hold ${frontiers.length} frontiers; the suite has ${suite.frontiers.length}.`);
  for (const [place, wanted] of suite.frontiers.entries()) {
    const name = plainText(wanted.name, 100);
    const record = frontiers[place];
    if (record === undefined || record.name !== wanted.name || !isOf(record, wanted))
      return refuse(`The samples' frontier ${name} is not the one that the suite searches.`);
    if (!tookItsWay(record, sloMs))
      refuse(`The samples' frontier ${name} holds steps that no search would have taken.`);
  }
};
