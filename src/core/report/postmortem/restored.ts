/** What restored the steady state: remedies that were tried one by one, and recovery policies. */

import type { DiagnosisResult, RemedyOutcome, TriedRemedy } from "../../diagnosis/result.ts";
import { remedyText } from "../../recovery-policy/remedy-text.ts";
import type { PolicyResult } from "../../recovery-policy/result.ts";
import type { Result } from "../../verdict.ts";
import { formatInterval, formatMs, formatShare, formatValue } from "../format.ts";
import { metricWord } from "../words.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, line, missing, type Section, type Statement } from "./statement.ts";

const OUTCOMES: Readonly<Record<RemedyOutcome, string>> = {
  restored: "restored it",
  helped: "helped, and did not restore it",
  "no-effect": "changed nothing",
  worse: "made it worse",
  "not-tried": "was not tried",
};

const triedStatement = (
  { metric, edge, unit }: DiagnosisResult,
  { description, outcome, value, interval, restoredShare, reason }: TriedRemedy,
  place: string,
): Statement => {
  if (outcome === "not-tried")
    return line(
      `${description}: ${OUTCOMES[outcome]} (${reason}).`,
      `${place}/description`,
      `${place}/reason`,
    );
  const figure = metricWord({ metric, ...(edge === undefined ? {} : { edge }) });
  const change = interval === null ? "" : `, 95 % CI of the change ${formatInterval(interval, unit)}`;
  const way = restoredShare === null ? "" : `; ${formatShare(restoredShare)} of the way back`;
  const level = value === null ? "" : `: ${figure} ${formatValue(value, unit)}${change}${way}`;
  return line(
    `${description}: ${OUTCOMES[outcome]}${level}.`,
    place,
    `${place.slice(0, place.lastIndexOf("/tried"))}/metric`,
  );
};

const ofDiagnosis = (diagnosis: DiagnosisResult, place: string): readonly Statement[] => {
  const { metric, edge, unit, without, steady, tried, best } = diagnosis;
  const figure = metricWord({ metric, ...(edge === undefined ? {} : { edge }) });
  const wasTried = tried.some(({ outcome }) => outcome !== "not-tried");
  return [
    line(
      `Without a remedy: ${figure} ${formatValue(without, unit)}; the steady state is ${formatValue(steady, unit)}.`,
      `${place}/metric`,
      `${place}/without`,
      `${place}/steady`,
    ),
    ...tried.map((each, index) => triedStatement(diagnosis, each, `${place}/tried/${index}`)),
    ...(best === null
      ? [
          line(
            wasTried ? "Nothing that was tried restored it." : "Nothing was tried.",
            `${place}/tried`,
            `${place}/best`,
          ),
        ]
      : []),
  ];
};

const recovered = (afterMs: number | null): string =>
  afterMs === null ? "did not recover while watched" : `recovered after ${formatMs(afterMs)}`;

const ofPolicy = (
  { policy, recoveryMs, withoutMs, watchedMs, actions }: PolicyResult,
  place: string,
): Statement => {
  const did = actions.map(
    ({ atMs, remedy, because }) => `after ${formatMs(atMs)}: ${remedyText(remedy)}, because ${because}`,
  );
  return line(
    `Under the recovery policy (${policy}) it ${recovered(recoveryMs)}, doing nothing it ${recovered(withoutMs)}; watched for ${formatMs(watchedMs)}${did.length === 0 ? "; the policy did nothing" : `; the policy acted ${did.slice(0, 5).join(", then ")}`}.`,
    place,
  );
};

const nothingTried = ({ diagnoses, recoveryPolicies }: Result): readonly Statement[] => {
  const known = [
    ...(diagnoses === undefined ? [] : [at("diagnoses")]),
    ...(recoveryPolicies === undefined ? [] : [at("recoveryPolicies")]),
  ];
  const text = "Nothing was tried to restore it.";
  return known.length === 0
    ? [missing(text, at("diagnoses"), at("recoveryPolicies"))]
    : [line(text, ...known)];
};

export const restoredSection = (result: Result, failed: readonly FailedExperiment[]): Section => {
  const statements = failed.flatMap(({ name, head }) => {
    const said = [
      ...(result.diagnoses ?? []).flatMap((each, index) =>
        each.scenario === name ? ofDiagnosis(each, at("diagnoses", index)) : [],
      ),
      ...(result.recoveryPolicies ?? []).flatMap((each, index) =>
        each.scenario === name ? [ofPolicy(each, at("recoveryPolicies", index))] : [],
      ),
    ];
    return said.length === 0 ? [] : [head, ...said];
  });
  return {
    title: "What restored it",
    statements: statements.length === 0 ? nothingTried(result) : statements,
  };
};
