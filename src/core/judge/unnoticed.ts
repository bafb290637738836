/** Faults that harmed requests and that none of the service's own signals showed: told of the head alone, and never a verdict. */
import { formatShare } from "../report/format.ts";
import { noticed, type SilentScenario } from "../signals/noticed.ts";
import type { SignalResult } from "../signals/result.ts";
import type { Finding } from "../verdict.ts";
import { headRun, type JudgeContext } from "./context.ts";

/** Share of requests that failed or were late from which there was something to notice. */
const HARMED = 0.2;
const MOST_NAMES = 5;

const isUnnoticed = ({ windows, silent, harmedShare }: SilentScenario): boolean =>
  harmedShare >= HARMED && 2 * silent > windows;

const listed = (results: readonly SignalResult[]): string => {
  const names = results.map(({ signal }) => signal);
  const more = names.length - MOST_NAMES;
  if (more > 0) return `none of ${names.slice(0, MOST_NAMES).join(", ")} and ${more} more showed it`;
  return names.length === 1 ? `${names[0]} did not show it` : `none of ${names.join(", ")} showed it`;
};

const detailOf = (results: readonly SignalResult[]): readonly string[] => [
  "Its owner would learn of it from customers. Count what failed in a metric, log it, or let a path of its own tell.",
  ...results.flatMap(({ signal, untold }) =>
    untold === undefined ? [] : [`${signal} is left out: ${untold}.`],
  ),
];

/**
 * A note for each. Only where the suite names signals of its own: of its health and ready paths alone `health-lies` tells.
 *
 * @param told findings of kind `health-lies`
 */
export const unnoticedFindings = (context: JudgeContext, told: readonly Finding[]): readonly Finding[] => {
  const { profile } = headRun(context);
  const named = new Set((profile.signals ?? []).map(({ signal }) => signal.name));
  const { results, scenarios } = noticed(profile);
  const telling = results.filter(({ untold }) => untold === undefined);
  if (!telling.some(({ signal }) => named.has(signal))) return [];
  const watched = new Set(
    (profile.signals ?? []).flatMap(({ signal: { name, source } }) =>
      source.type === "path" && source.watchedAs !== undefined ? [name] : [],
    ),
  );
  const onlyPaths = telling.every(({ signal }) => watched.has(signal) || !named.has(signal));
  return scenarios.filter(isUnnoticed).flatMap(({ scenario, harmedShare }): readonly Finding[] => {
    if (onlyPaths && told.some((finding) => finding.scenario === scenario)) return [];
    const known = context.scenarios.find(({ name }) => name === scenario);
    if (known === undefined) return [];
    return [
      {
        kind: "unnoticed",
        severity: "note",
        scenario,
        metric: null,
        edge: known.faults[0]?.on ?? null,
        title: `${known.description}: ${formatShare(harmedShare)} of requests failed or were late, and ${listed(telling)}`,
        detail: detailOf(results),
      },
    ];
  });
};

/** Each outage once: that no signal showed it says also that a path among them did not. */
export const observabilityFindings = (
  context: JudgeContext,
  healthLies: readonly Finding[],
): readonly Finding[] => {
  const unnoticed = unnoticedFindings(context, healthLies);
  const silent = new Set(unnoticed.map(({ scenario }) => scenario));
  return [...healthLies.filter(({ scenario }) => !silent.has(scenario)), ...unnoticed];
};
