/** One line a change, then totals and goals. */
import { PEERS } from "../peers/index.ts";
import { goal } from "../relay/figures.ts";
import type { Outcome } from "./outcome.ts";

const RIGHT_FAULT_AT_LEAST = 0.95;

const yesNo = (right: boolean | null): string => (right === null ? "-" : right ? "yes" : "NO");

export const HEADER =
  "change                 outcome       verdict       fault edge peers  first blocking finding, or the headline";

export const lineOf = ({ change, word, verdict, finding, rightFault, rightEdge, peers }: Outcome): string =>
  [
    change.name.padEnd(22),
    word.padEnd(13),
    (verdict ?? "-").padEnd(13),
    yesNo(rightFault).padEnd(5),
    yesNo(rightEdge).padEnd(4),
    `${peers.length}/${PEERS.length}`.padEnd(6),
    finding,
  ].join(" ");

export interface Totals {
  readonly lines: readonly string[];
  readonly met: boolean;
}

const peerLine = (name: string, outcomes: readonly Outcome[]): string => {
  const failed = outcomes.filter(({ peers }) => peers.includes(name));
  const caught = failed.filter(({ change }) => change.careless).length;
  return `  ${name.padEnd(24)} ${caught} caught, ${failed.length - caught} false alarms`;
};

export const totalsOf = (service: string, outcomes: readonly Outcome[]): Totals => {
  const count = (wanted: Outcome["word"], careless?: boolean): number =>
    outcomes.filter(
      ({ word, change }) => word === wanted && change.careless === (careless ?? change.careless),
    ).length;
  const careless = outcomes.filter(({ change }) => change.careless).length;
  const caught = count("caught");
  const alarms = count("false alarm");
  const right = outcomes.filter(({ rightFault, word }) => word === "caught" && rightFault === true).length;
  const rightEdge = outcomes.filter(({ rightEdge, word }) => word === "caught" && rightEdge === true).length;
  const fewestRight = Math.ceil(RIGHT_FAULT_AT_LEAST * caught);
  return {
    lines: [
      `${service}: ${caught} of ${careless} careless changes caught (${goal(caught, "at least", careless)}); ${count("missed")} missed, ${count("inconclusive", true)} inconclusive, ${count("invalid", true) + count("not measured", true)} not measured`,
      `  harmless: ${count("pass")} of ${outcomes.length - careless} passed, ${count("inconclusive", false)} inconclusive, ${alarms} failed (${goal(alarms, "at most", 0)})`,
      `  right fault named in ${right} of ${caught} (${goal(right, "at least", fewestRight)}), right edge in ${rightEdge} of ${caught}`,
      ...PEERS.map(({ name }) => peerLine(name, outcomes)),
    ],
    met: caught === careless && alarms === 0 && right >= fewestRight,
  };
};
