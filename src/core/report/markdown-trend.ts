/** The folded part on how main has been going: information, never a gate. */
import type { Trend, TrendChange } from "../trend.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatValue } from "./format.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";
import { scenarioLabel } from "./summary.ts";
import { shortCommit } from "./trust.ts";

const RUNS = 20;
const CHANGES = 10;

const runName = ({ commit, startedAt }: Trend["runs"][number]): string =>
  commit === undefined ? startedAt.slice(0, 10) : shortCommit(commit);

const changeLine = ({ runs }: Trend, { run, scenario, figure, unit, from, to }: TrendChange): string => {
  const [before, since] = [runs[run - 1], runs[run]].map((each) =>
    each === undefined ? "?" : runName(each),
  );
  const where = `${figure}, ${scenarioLabel(scenario)}`;
  return `- ${escapeMarkdown(where, 120)}: ${formatValue(from, unit)} until ${escapeMarkdown(before ?? "", 40)}, ${formatValue(to, unit)} since ${escapeMarkdown(since ?? "", 40)}`;
};

export const trendSection = ({ trend }: Result): string[] => {
  if (trend === undefined) return [];
  const { runs, changes } = trend;
  const rows = runs
    .slice(-RUNS)
    .map((run) => [
      escapeMarkdown(runName(run), 40),
      escapeMarkdown(run.startedAt.slice(0, 16).replace("T", " "), 20),
      formatValue(run.calmMs, "ms"),
    ]);
  const lines = changes.slice(0, CHANGES).map((change) => changeLine(trend, change));
  const told =
    lines.length === 0
      ? "Nothing changed for good among these runs."
      : `What changed for good (for information; it is merged already):\n\n${lines.join("\n")}`;
  const title = `The baseline's last ${runs.length} runs: ${changes.length === 0 ? "steady" : `${changes.length} ${changes.length === 1 ? "change" : "changes"}`}`;
  return [folded(title, `${told}\n\n${table(["Run", "Measured", "Calm p50"], rows)}`)];
};
