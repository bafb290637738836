/** The folded part on method and provenance. */
import type { Fingerprint, Provenance } from "../profile.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatCount, formatMs, formatSeed, formatValue } from "./format.ts";
import { table } from "./markdown-table.ts";
import { methodSentence, provenanceLabel, sizeOf } from "./trust.ts";

const NOTES = 20;
const SCENARIOS = 60;

const machine = ({ cpuModel, cpus, arch, platform, memoryBytes }: Fingerprint): string =>
  `${cpuModel}, ${formatCount(cpus)} cores, ${Math.round(memoryBytes / 1024 ** 3)} GiB, ${platform} ${arch}`;

/** "2026-03-01 12:00 UTC". */
const minute = (iso: string): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/.test(iso) ? `${iso.slice(0, 16).replace("T", " ")} UTC` : iso;

const whence = (provenance: Provenance, fingerprint: Fingerprint): readonly string[] =>
  [
    provenanceLabel(provenance),
    minute(provenance.startedAt),
    machine(fingerprint),
    `${fingerprint.runtime}, node ${fingerprint.node}`,
    provenance.tool,
  ].map((text) => escapeMarkdown(text, 120));

const provenanceTable = (result: Result): string => {
  const names = ["Measured", "On", "Machine", "Runtime", "By"];
  const head = whence(result.head.provenance, result.head.fingerprint);
  const base = result.baseline === null ? null : whence(result.baseline.newest, result.baseline.fingerprint);
  return base === null
    ? table(
        ["", "Head"],
        names.map((name, index) => [name, head[index] ?? ""]),
      )
    : table(
        ["", "Base (newest run)", "Head"],
        names.map((name, index) => [name, base[index] ?? "", head[index] ?? ""]),
      );
};

/** @param size `short` leaves out the list of faults and the notes */
export const methodSection = (result: Result, size: "full" | "short"): string => {
  const facts = [
    methodSentence(result),
    "A change counts when it exceeds what is allowed with confidence, corrected for all comparisons together (Holm, 5 %). A pass needs every primary comparison bounded.",
  ].join(" ");
  const run = `Seed ${formatSeed(result.seed)}, suite ${escapeMarkdown(result.suite, 80)} (${escapeMarkdown(result.suiteHash.slice(0, 12), 12)}), ${sizeOf(result)} in ${formatMs(result.head.measuringMs)} of measuring, machine probe ${formatMs(result.head.probeMs)}.`;
  const faults = [
    ...result.scenarios.filter((scenario) => scenario.shape !== "control"),
    ...(result.frontiers ?? []).map(({ name, description, unit, from, to, head }) => ({
      name,
      description: `${description} from ${formatValue(from, unit)} to ${formatValue(to, unit)}, searched in ${head.windows} windows`,
    })),
  ]
    .slice(0, SCENARIOS)
    .map(({ name, description }) => `- ${escapeMarkdown(name, 80)}: ${escapeMarkdown(description, 200)}`);
  const notes = result.notes.slice(0, NOTES).map((note) => `- ${escapeMarkdown(note, 300)}`);
  const lists =
    size === "full"
      ? [
          ...(faults.length > 0 ? [`Faults:\n\n${faults.join("\n")}`] : []),
          ...(notes.length > 0 ? [`Notes:\n\n${notes.join("\n")}`] : []),
        ]
      : [];
  return [facts, run, provenanceTable(result), ...lists].join("\n\n");
};
