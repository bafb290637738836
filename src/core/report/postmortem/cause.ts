/** The cause as far as the run shows it: where it deviated first, what followed, and between which commits. */
import type { LocalisationResult, Suspect } from "../../localise/result.ts";
import type { MeasuredCalls, Result } from "../../verdict.ts";
import { formatRatio } from "../format.ts";
import { shortCommit } from "../trust.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, ended, line, type Section, type Statement } from "./statement.ts";

const suspectName = ({ type, place }: Suspect): string => `the ${type} ${place}`;

const located = (found: LocalisationResult, place: string): readonly Statement[] => {
  const [first, ...others] = found.suspects;
  const injected = found.truth.length === 0 ? "" : ` The fault was injected at ${found.truth.join(", ")}`;
  if (first === undefined)
    return [
      line(
        `No edge and no process deviated from calm traffic.${injected === "" ? "" : `${injected}.`}`,
        place,
      ),
    ];
  const right = found.right ? ", and was found there" : ", and was not found there";
  return [
    line(
      `First suspect: ${suspectName(first)} (score ${formatRatio(first.score)}${first.reasons.map((reason) => `; ${reason}`).join("")}).${injected === "" ? "" : `${injected}${right}.`}`,
      `${place}/suspects/0`,
      `${place}/truth`,
      `${place}/right`,
    ),
    ...others
      .slice(0, 2)
      .map((suspect, index) =>
        line(
          `After it: ${suspectName(suspect)} (score ${formatRatio(suspect.score)}${suspect.reasons.map((reason) => `; ${reason}`).join("")}).`,
          `${place}/suspects/${index + 1}`,
        ),
      ),
    ...found.propagation.map(({ text }, index) => line(ended(text), `${place}/propagation/${index}/text`)),
  ];
};

const GREW = 1.1;

const grown = (calls: readonly MeasuredCalls[], place: string): readonly Statement[] =>
  calls.flatMap(({ edge, perRequest, timesCalm }, index) =>
    timesCalm === null || timesCalm < GREW
      ? []
      : [
          line(
            `Calls at ${edge} grew to ${formatRatio(perRequest)} for each request, ${formatRatio(timesCalm)} times those of calm traffic.`,
            `${place}/calls/${index}`,
          ),
        ],
  );

/** Names alone: which line of the change is to blame is not measured. */
const between = ({ baseline, head }: Result): Statement => {
  const now = head.provenance.commit;
  const then = baseline?.newest.commit;
  const said = "which part of the change is to blame, this run does not show";
  if (now !== undefined && then !== undefined)
    return line(
      `What changed lies between commit ${shortCommit(then)} and commit ${shortCommit(now)}; ${said}.`,
      at("baseline", "newest", "commit"),
      at("head", "provenance", "commit"),
    );
  return line(
    `It is not known between which commits the change lies; ${said}.`,
    at("baseline"),
    at("head", "provenance"),
  );
};

export const causeSection = (result: Result, failed: readonly FailedExperiment[]): Section => ({
  title: "Cause, as far as shown",
  statements: [
    ...failed.flatMap(({ name, head }) => {
      const index = (result.localisation ?? []).findIndex(({ scenario }) => scenario === name);
      const found = result.localisation?.[index];
      const place = result.measured.findIndex(({ scenario }) => scenario === name);
      const said = [
        ...(found === undefined ? [] : located(found, at("localisation", index))),
        ...grown(result.measured[place]?.calls ?? [], at("measured", place)),
      ];
      return said.length === 0 ? [] : [head, ...said];
    }),
    between(result),
  ],
});
