/** How it was measured, where, by what, and from which seed. */
import type { Fingerprint, Provenance } from "../../../profile.ts";
import { formatBytes, formatCounted, formatMs, formatSeed } from "../../format.ts";
import { methodSentence, provenanceLabel, sizeOf } from "../../trust.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { table, unfold } from "../table.ts";

const NOTES = 60;
const FAULTS = 100;

/** "2026-03-01 12:00 UTC"; what is no such time as it is. */
const dayAndMinute = (iso: string): string => {
  const [, day, minute] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(iso) ?? [];
  return day === undefined || minute === undefined ? iso : `${day} ${minute} UTC`;
};

const whence = (provenance: Provenance, fingerprint: Fingerprint): readonly string[] => [
  provenanceLabel(provenance),
  dayAndMinute(provenance.startedAt),
  `${fingerprint.cpuModel}, ${formatCounted(fingerprint.cpus, "core")}, ${formatBytes(fingerprint.memoryBytes)}, ${fingerprint.platform} ${fingerprint.arch}`,
  `${fingerprint.runtime}, node ${fingerprint.node}`,
  provenance.tool,
];

const NAMES = ["Measured", "On", "Machine", "Runtime", "By"] as const;

export const provenanceSection: SectionOf = ({ result }) => {
  const head = whence(result.head.provenance, result.head.fingerprint);
  const base = result.baseline === null ? null : whence(result.baseline.newest, result.baseline.fingerprint);
  const faults = result.scenarios.filter(({ shape }) => shape !== "control");
  const list = (lines: readonly string[]): Html =>
    html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return {
    id: "provenance",
    title: "How this was measured",
    body: html`<p>${methodSentence(result)} A change counts when it exceeds what is allowed with confidence, corrected for all comparisons together (Holm, 5 %). A pass needs every primary comparison bounded.</p><p>Seed ${formatSeed(result.seed)}, suite ${result.suite} (${result.suiteHash.slice(0, 12)}), ${sizeOf(result)} in ${formatMs(result.head.measuringMs)} of measuring, machine probe ${formatMs(result.head.probeMs)}.</p>${table(
      {
        caption: "Where and when base and head were measured",
        columns: base === null ? ["", "Head"] : ["", "Base (newest run)", "Head"],
        rows: NAMES.map((name, index) => [name, ...(base === null ? [] : [base[index]]), head[index]]),
      },
    )}${
      faults.length === 0
        ? null
        : unfold(
            formatCounted(faults.length, "fault"),
            list(faults.slice(0, FAULTS).map(({ name, description }) => `${name}: ${description}`)),
          )
    }${result.notes.length === 0 ? null : unfold(formatCounted(result.notes.length, "note"), list(result.notes.slice(0, NOTES)))}`,
  };
};
